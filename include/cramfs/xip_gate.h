/*
 * A gate for builds: demands on what must run in place, compared with an XIP report.
 *
 * A demand is a glob and a percentage: in each file that the glob matches, that share of the
 * possible pages (cramfs/possible_pages.h) must be direct. A gate must not be deceived, so a demand
 * also falls short when its glob matches no file, since the file may have been renamed; and when
 * none of the files that it matches has a possible page, since then it demands nothing. One file
 * among others may have none: a glob for a directory may match scripts and data.
 */
#ifndef CRAMFS_XIP_GATE_H
#define CRAMFS_XIP_GATE_H

#include <stdio.h>

#include "cramfs/declarations.h"
#include "cramfs/exclude.h"
#include "cramfs/xip_report.h"

CRAMFS_BEGIN_DECLARATIONS

struct cramfs_xip_demand {
    struct cramfs_exclude glob; /* matches as in a cramfs_excludes list, whole directories, too;
                                   only regular files count */
    unsigned percent;           /* 0 to 100; with 0 the glob only has to match a file */
};

/* Starts as {0}, which all images pass. The list is the caller's. */
struct cramfs_xip_gate {
    struct cramfs_xip_demand *demands;
    size_t demands_count;
    size_t demands_capacity;
    unsigned min_direct; /* the same percentage for all pages of the image together; 0: any */
    /* What a line calls a demand, before its glob and percentage; may be NULL. */
    const char *demand_label;
    const char *min_direct_label;
    size_t most_files;     /* named in lines; 0: CRAMFS_XIP_GATE_MOST_FILES */
    const char *more_hint; /* what follows the number of those that are not named; may be NULL */
};

/* So many files with too few direct pages are named, unless the gate says otherwise. */
#define CRAMFS_XIP_GATE_MOST_FILES 10

/*
 * Writes lines to `out`, each as "IMAGE: error: WHAT [DEMAND]". First one for each demand that is
 * not met: the image's, then the others in their order, with the sums of the files that the glob
 * matches. Then the files with too few direct pages, those that lost most first: "PATH: N of M
 * possible pages direct: REASON", with the kernel's reason for the first mapping that falls short
 * and the demand that asks for most. When the image as a whole has too few direct pages, the files
 * that have too few by the same percentage are named. *shortfalls is the number of demands that are
 * not met. Returns 0, -CRAMFS_ERR_IO or -CRAMFS_ERR_MEMORY.
 */
int cramfs_xip_gate_check(const struct cramfs_xip_gate *gate, const char *image,
                          const struct cramfs_survey *survey,
                          const struct cramfs_xip_report *report, FILE *out, uint64_t *shortfalls);

/*
 * The demands that are not met, as a JSON array that cramfsck(1) documents, with all files that
 * have too few direct pages. Returns as above.
 */
int cramfs_xip_gate_json(const struct cramfs_xip_gate *gate, const struct cramfs_survey *survey,
                         const struct cramfs_xip_report *report, FILE *out);

CRAMFS_END_DECLARATIONS

#endif
