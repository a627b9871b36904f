#include "report/xip/gating.h"

#include <stdlib.h>

#include "cramfs/diag.h"
#include "report/xip/order.h"

static bool falls_short(uint64_t direct, uint64_t possible, unsigned percent)
{
    return direct * 100 < possible * percent;
}

/* Whether the demand matches the path: 1, 0 or -CRAMFS_ERR_MEMORY. */
static int demand_matches(const struct cramfs_xip_demand *demand, const char *path)
{
    struct cramfs_exclude glob = demand->glob;
    struct cramfs_excludes alone = {.list = &glob, .list_count = 1, .list_capacity = 1};
    int matches = cramfs_excludes_match(&alone, path);
    cramfs_excludes_free(&alone);
    return matches;
}

unsigned gating_percent(const struct gating *gating, size_t number)
{
    return number == DEMAND_ON_IMAGE ? gating->gate->min_direct
                                     : gating->gate->demands[number].percent;
}

/* Adds a file to the result of each demand on it. Lists it if it falls short of one. */
static void take_file(struct gating *gating, const struct cramfs_xip_file *file)
{
    char path[CRAMFS_PATH_SIZE];
    cramfs_entry_path(&gating->survey->entries, file->entry, path, sizeof(path));
    bool found = gating->image_short;
    size_t strictest = DEMAND_ON_IMAGE;
    gating->image_short_files +=
        falls_short(file->direct_pages, file->possible_pages, gating->gate->min_direct);
    for (size_t i = 0; i < gating->gate->demands_count; i++) {
        unsigned percent = gating->gate->demands[i].percent;
        int matches = demand_matches(&gating->gate->demands[i], path);
        if (matches < 0)
            gating->error = matches;
        if (matches <= 0)
            continue;
        struct demanded *demanded = &gating->demanded[i];
        demanded->files++;
        demanded->possible_pages += file->possible_pages;
        demanded->direct_pages += file->direct_pages;
        demanded->short_files += falls_short(file->direct_pages, file->possible_pages, percent);
        if (!found || percent > gating_percent(gating, strictest))
            strictest = i;
        found = true;
    }
    if (found &&
        falls_short(file->direct_pages, file->possible_pages, gating_percent(gating, strictest)))
        gating->short_files[gating->short_files_count++] = (struct short_file){file, strictest};
}

const char *gating_failure(const struct gating *gating, size_t number)
{
    if (number == DEMAND_ON_IMAGE)
        return gating->image_short ? "too few pages are direct" : NULL;
    const struct demanded *demanded = &gating->demanded[number];
    if (!demanded->files)
        return "no regular file matches";
    if (!demanded->possible_pages && gating->gate->demands[number].percent)
        return "no page of the matching files can be direct";
    return demanded->short_files ? "files have too few direct pages" : NULL;
}

int gating_open(struct gating *gating)
{
    const struct cramfs_xip_report *report = gating->report;
    unsigned least = gating->gate->min_direct;
    gating->demanded = calloc(gating->gate->demands_count + 1, sizeof(*gating->demanded));
    gating->short_files = calloc(report->files_count + 1, sizeof(*gating->short_files));
    gating->files = xip_by_loss(report);
    if (!gating->demanded || !gating->short_files || !gating->files)
        return -CRAMFS_ERR_MEMORY;
    gating->image_short =
        least && (!report->possible_pages ||
                  falls_short(report->direct_pages, report->possible_pages, least));
    for (size_t i = 0; i < report->files_count; i++)
        take_file(gating, gating->files[i]);
    return gating->error;
}

void gating_close(struct gating *gating)
{
    free(gating->demanded);
    free(gating->short_files);
    free(gating->files);
}
