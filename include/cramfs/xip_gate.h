/*
 * A gate for builds: demands on what must run in place, held against an XIP report.
 *
 * A demand is a glob and a percentage: of each file that the glob fits, that share of the pages
 * that can be direct at all (cramfs/possible_pages.h) must be. A gate is as good as what it cannot
 * be deceived by, so a demand also falls short when its glob fits no file, since that may have been
 * renamed, and when none of the files that it fits has a page that could be direct, since then
 * nothing was demanded. One file among others may have none: a glob for a directory may take in
 * scripts and data.
 */
#ifndef CRAMFS_XIP_GATE_H
#define CRAMFS_XIP_GATE_H

#include <stdio.h>

#include "cramfs/declarations.h"
#include "cramfs/exclude.h"
#include "cramfs/xip_report.h"

CRAMFS_BEGIN_DECLARATIONS

struct cramfs_xip_demand {
    struct cramfs_exclude glob; /* fits as one of a cramfs_excludes list does, whole directories,
                                   too; regular files count */
    unsigned percent;           /* 0 to 100; with 0 the glob only has to fit a file */
};

/* Starts as {0}, which all images pass. The list is the caller's. */
struct cramfs_xip_gate {
    struct cramfs_xip_demand *demands;
    size_t demands_count;
    size_t demands_capacity;
    unsigned min_direct; /* the same percentage of the image's pages as a whole; 0: any */
    /* What a line calls a demand, before its glob and percentage; may be NULL. */
    const char *demand_label;
    const char *min_direct_label;
};

/*
 * Writes to `out` a line for all that falls short: "IMAGE: error: PATH: N of M possible pages
 * direct: REASON [DEMAND]" for each file, those that lost most first, with the kernel's reason for
 * the first mapping that falls short and the demand that asks for most; then one for each demand
 * that fits nothing, and one for the image. When the image as a whole has too few direct pages, the
 * files that have too few by the same percentage are named. *shortfalls is the number of lines.
 * Returns 0, -CRAMFS_ERR_IO or -CRAMFS_ERR_MEMORY.
 */
int cramfs_xip_gate_check(const struct cramfs_xip_gate *gate, const char *image,
                          const struct cramfs_survey *survey,
                          const struct cramfs_xip_report *report, FILE *out, uint64_t *shortfalls);

CRAMFS_END_DECLARATIONS

#endif
