#include "cli/cramfs-fuse/mounted.h"

#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/pool.h"
#include "cramfs/check.h"
#include "cramfs/finding_report.h"

/* Enough to show the kind of damage; cramfsck prints all errors. */
enum { MOST_PRINTED = 10 };

struct mount_findings {
    const char *image;
    const struct cramfs_survey *survey;
    uint64_t errors;
};

static void take_finding(void *context, const struct cramfs_finding *finding)
{
    struct mount_findings *findings = context;
    if (finding->severity != CRAMFS_FINDING_ERROR)
        return;
    if (findings->errors++ < MOST_PRINTED)
        cramfs_finding_print(stderr, findings->image, findings->survey, finding);
}

static void print_rest(const struct mount_findings *findings)
{
    if (!findings->errors)
        return;
    cramfs_print_text(stderr, findings->image);
    if (findings->errors > MOST_PRINTED)
        fprintf(stderr, ": %" PRIu64 " more errors; cramfsck prints them all",
                findings->errors - MOST_PRINTED);
    else
        fprintf(stderr, ": %" PRIu64 " errors; access to damaged files fails with EIO",
                findings->errors);
    fputc('\n', stderr);
}

/* Surveys and checks. Returns the exit code; EXIT_OPERATIONAL when memory runs out. */
static int check_image(const char *path, struct mounted *mounted)
{
    struct mount_findings findings = {path, &mounted->survey, 0};
    const struct cramfs_listener listener = {take_finding, &findings};
    const struct cramfs_check_options options = {.jobs = pool_default_threads()};
    if (cramfs_check_vendor(&mounted->image, &listener))
        return EXIT_ERRORS_LEFT;
    int error = cramfs_survey(&mounted->image, &listener, &mounted->survey);
    if (!error)
        error = cramfs_check(&mounted->image, &mounted->survey, &options, &listener);
    if (error)
        return EXIT_OPERATIONAL;
    print_rest(&findings);
    return S_ISDIR(mounted->image.super.root.mode) ? EXIT_CLEAN : EXIT_ERRORS_LEFT;
}

int mounted_open(const struct open_arguments *arguments, struct mounted *mounted,
                 struct cramfs_diags *diags)
{
    *mounted = (struct mounted){0};
    if (cramfs_image_open(arguments->image, &arguments->options, &mounted->image, diags) != 0)
        return EXIT_OPERATIONAL;
    int code = check_image(arguments->image, mounted);
    bool memory = code != EXIT_OPERATIONAL;
    if (code == EXIT_CLEAN) {
        memory = nodes_create(&mounted->survey.entries, &mounted->nodes) == 0;
        mounted->pages = memory ? pages_create(&mounted->image) : NULL;
        memory = mounted->pages;
    }
    if (memory)
        return code;
    cramfs_fail_memory(diags);
    return EXIT_OPERATIONAL;
}

void mounted_close(struct mounted *mounted)
{
    pages_free(mounted->pages);
    nodes_free(&mounted->nodes);
    cramfs_survey_free(&mounted->survey);
    cramfs_image_close(&mounted->image);
}
