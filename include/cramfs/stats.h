/*
 * Numbers about a build, for machines.
 */
#ifndef CRAMFS_STATS_H
#define CRAMFS_STATS_H

#include <stdio.h>

#include "cramfs/declarations.h"
#include "cramfs/plan.h"

CRAMFS_BEGIN_DECLARATIONS

/* Numbers that the plan does not know. */
struct cramfs_stats {
    size_t size;                 /* see declarations.h */
    uint64_t padding;            /* bytes after the file system */
    double read_seconds;         /* for the sources */
    double plan_seconds;         /* for reading files, encoding and laying out */
    double write_seconds;        /* for the image */
    uint64_t erase_blocks_least; /* with options.like: about how many must differ, as in diff.h */
    /* With options.split, for the list of the files that are changed; NULL for none. */
    const struct cramfs_plan *plan;
    const struct cramfs_tree *tree; /* the plan's tree */
};

/*
 * Writes the JSON object that mkcramfs-xip(1) documents, for a plan that was made with these
 * options. Returns 0, -CRAMFS_ERR_IO or -CRAMFS_ERR_MEMORY.
 */
int cramfs_print_stats(const struct cramfs_plan_options *options,
                       const struct cramfs_plan_summary *summary, const struct cramfs_stats *stats,
                       FILE *out);

CRAMFS_END_DECLARATIONS

#endif
