/*
 * The demands that are not met, as lines for people.
 */
#include "cramfs/xip_gate.h"

#include <inttypes.h>
#include <string.h>

#include "cramfs/diag.h"
#include "report/text.h"
#include "report/xip/gating.h"

static void print_head(struct gating *gating)
{
    cramfs_print_text(gating->out, gating->image);
    fputs(": error: ", gating->out);
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

static void print_short_file(struct gating *gating, const struct short_file *found)
{
    char path[TEXT_PATH_SIZE];
    char buffer[64];
    print_head(gating);
    fprintf(gating->out, "%s: %" PRIu64 " of %" PRIu64 " possible pages direct: %s",
            text_entry_path(gating->survey, found->file->entry, path), found->file->direct_pages,
            found->file->possible_pages,
            cramfs_xip_lost_reason(gating->report, found->file, buffer, sizeof(buffer)));
    print_demand(gating, found->demand);
}

static void print_failed(struct gating *gating, size_t number, const char *why)
{
    const struct demanded *demanded = &gating->demanded[number];
    print_head(gating);
    if (demanded->short_files)
        fprintf(gating->out,
                "%" PRIu64 " of %" PRIu64 " matching files %s too few direct pages; "
                "all matching files together: %" PRIu64 " of %" PRIu64 " possible pages direct",
                demanded->short_files, demanded->files, demanded->short_files == 1 ? "has" : "have",
                demanded->direct_pages, demanded->possible_pages);
    else
        fputs(why, gating->out);
    print_demand(gating, number);
}

/* Prints a line for each demand that is not met. Returns how many there are. */
static uint64_t print_sums(struct gating *gating)
{
    uint64_t failed = gating->image_short;
    if (gating->image_short) {
        print_head(gating);
        fprintf(gating->out, "%" PRIu64 " of %" PRIu64 " possible pages direct",
                gating->report->direct_pages, gating->report->possible_pages);
        print_demand(gating, DEMAND_ON_IMAGE);
    }
    for (size_t i = 0; i < gating->gate->demands_count; i++) {
        const char *why = gating_failure(gating, i);
        if (why)
            print_failed(gating, i, why);
        failed += why != NULL;
    }
    return failed;
}

static void print_files(struct gating *gating)
{
    size_t most = gating->gate->most_files ? gating->gate->most_files : CRAMFS_XIP_GATE_MOST_FILES;
    for (size_t i = 0; i < gating->short_files_count && i < most; i++)
        print_short_file(gating, &gating->short_files[i]);
    if (gating->short_files_count <= most)
        return;
    print_head(gating);
    size_t more = gating->short_files_count - most;
    fprintf(gating->out, "%zu more %s too few direct pages%s\n", more,
            more == 1 ? "file has" : "files have",
            gating->gate->more_hint ? gating->gate->more_hint : "");
}

int cramfs_xip_gate_check(const struct cramfs_xip_gate *gate, const char *image,
                          const struct cramfs_survey *survey,
                          const struct cramfs_xip_report *report, FILE *out, uint64_t *shortfalls)
{
    struct gating gating = {
        .gate = gate, .image = image, .survey = survey, .report = report, .out = out};
    int error = gating_open(&gating);
    *shortfalls = 0;
    if (!error) {
        *shortfalls = print_sums(&gating);
        print_files(&gating);
        error = ferror(out) ? -CRAMFS_ERR_IO : 0;
    }
    gating_close(&gating);
    return error;
}
