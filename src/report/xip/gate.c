#include "cramfs/xip_gate.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cramfs/diag.h"
#include "read/xip/xip.h"
#include "report/text.h"

struct gating {
    const struct cramfs_xip_gate *gate;
    const char *image;
    const struct cramfs_survey *survey;
    const struct cramfs_xip_report *report;
    FILE *out;
    bool image_short;    /* the image as a whole falls short */
    uint64_t *fitting;   /* by demand: how many files its glob fits */
    uint64_t *possible;  /* by demand: how many pages of theirs can be direct */
    uint64_t shortfalls; /* lines so far */
    int error;           /* -CRAMFS_ERR_MEMORY: it is not known which files a demand is for */
};

/* The number of the demand on the image as a whole. */
#define DEMAND_ON_IMAGE SIZE_MAX

static bool falls_short(uint64_t direct, uint64_t possible, unsigned percent)
{
    return direct * 100 < possible * percent;
}

static void print_head(struct gating *gating)
{
    cramfs_print_text(gating->out, gating->image);
    fputs(": error: ", gating->out);
    gating->shortfalls++;
}

static void print_demand(struct gating *gating, size_t number)
{
    const struct cramfs_xip_gate *gate = gating->gate;
    if (number == DEMAND_ON_IMAGE) {
        fprintf(gating->out, " [%s%u]\n", gate->min_direct_label ? gate->min_direct_label : "",
                gate->min_direct);
        return;
    }
    const struct cramfs_xip_demand *demand = &gate->demands[number];
    const char *pattern = demand->glob.pattern;
    char shown[TEXT_PATH_SIZE];
    fprintf(gating->out, " [%s%s:%u]\n", gate->demand_label ? gate->demand_label : "",
            cramfs_escape(pattern, strlen(pattern), shown, sizeof(shown)), demand->percent);
}

/* 1 or 0, or -CRAMFS_ERR_MEMORY. */
static int fits(const struct cramfs_xip_demand *demand, const char *path)
{
    struct cramfs_exclude glob = demand->glob;
    struct cramfs_excludes alone = {.list = &glob, .list_count = 1, .list_capacity = 1};
    int fit = cramfs_excludes_fit(&alone, path);
    cramfs_excludes_free(&alone);
    return fit;
}

/* Which of the demands on the file asks for most, the first of several; false when none does. */
static bool find_demand(struct gating *gating, const struct cramfs_xip_file *file, size_t *number)
{
    char path[CRAMFS_PATH_SIZE];
    cramfs_entry_path(&gating->survey->entries, file->entry, path, sizeof(path));
    const struct cramfs_xip_gate *gate = gating->gate;
    bool found = gating->image_short;
    unsigned most = found ? gate->min_direct : 0;
    *number = DEMAND_ON_IMAGE;
    for (size_t i = 0; i < gate->demands_count; i++) {
        int fit = fits(&gate->demands[i], path);
        if (fit < 0)
            gating->error = fit;
        if (fit <= 0)
            continue;
        gating->fitting[i]++;
        gating->possible[i] += file->possible_pages;
        if (!found || gate->demands[i].percent > most) {
            most = gate->demands[i].percent;
            *number = i;
        }
        found = true;
    }
    return found;
}

static void check_file(struct gating *gating, const struct cramfs_xip_file *file)
{
    size_t number;
    if (!find_demand(gating, file, &number))
        return;
    unsigned percent = number == DEMAND_ON_IMAGE ? gating->gate->min_direct
                                                 : gating->gate->demands[number].percent;
    if (!falls_short(file->direct_pages, file->possible_pages, percent))
        return;
    char path[TEXT_PATH_SIZE];
    char buffer[64];
    print_head(gating);
    fprintf(gating->out, "%s: %" PRIu64 " of %" PRIu64 " possible pages direct: %s",
            text_entry_path(gating->survey, file->entry, path), file->direct_pages,
            file->possible_pages,
            cramfs_xip_lost_reason(gating->report, file, buffer, sizeof(buffer)));
    print_demand(gating, number);
}

/* Nothing would be demanded of what is not there. */
static void check_demand(struct gating *gating, size_t number)
{
    if (!gating->fitting[number]) {
        print_head(gating);
        fputs("no regular file fits", gating->out);
        print_demand(gating, number);
    } else if (!gating->possible[number] && gating->gate->demands[number].percent) {
        print_head(gating);
        fprintf(gating->out, "%" PRIu64 " files fit, and no page of theirs can be direct",
                gating->fitting[number]);
        print_demand(gating, number);
    }
}

static void check_image(struct gating *gating)
{
    if (!gating->image_short)
        return;
    print_head(gating);
    fprintf(gating->out, "%" PRIu64 " of %" PRIu64 " possible pages direct",
            gating->report->direct_pages, gating->report->possible_pages);
    print_demand(gating, DEMAND_ON_IMAGE);
}

int cramfs_xip_gate_check(const struct cramfs_xip_gate *gate, const char *image,
                          const struct cramfs_survey *survey,
                          const struct cramfs_xip_report *report, FILE *out, uint64_t *shortfalls)
{
    struct gating gating = {
        .gate = gate,
        .image = image,
        .survey = survey,
        .report = report,
        .out = out,
        .fitting = calloc(gate->demands_count + 1, sizeof(uint64_t)),
        .possible = calloc(gate->demands_count + 1, sizeof(uint64_t)),
    };
    const struct cramfs_xip_file **files = xip_by_loss(report);
    int error = -CRAMFS_ERR_MEMORY;
    if (gating.fitting && gating.possible && files) {
        gating.image_short =
            gate->min_direct &&
            (!report->possible_pages ||
             falls_short(report->direct_pages, report->possible_pages, gate->min_direct));
        for (size_t i = 0; i < report->files_count; i++)
            check_file(&gating, files[i]);
        for (size_t i = 0; i < gate->demands_count; i++)
            check_demand(&gating, i);
        check_image(&gating);
        error = ferror(out) ? -CRAMFS_ERR_IO : gating.error;
    }
    *shortfalls = gating.shortfalls;
    free(gating.fitting);
    free(gating.possible);
    free(files);
    return error;
}
