/*
 * The entries of each directory of an image, sorted by name whatever their order in the image, so
 * that two trees can be merged.
 */
#ifndef CRAMFS_REPORT_DIFF_CHILDREN_H
#define CRAMFS_REPORT_DIFF_CHILDREN_H

#include "cramfs/walk.h"

struct children {
    const struct cramfs_entry **sorted; /* the entries of a directory are adjacent */
    uint32_t *first; /* by entry: where its own begin; they end where the next one's begin */
};

/* Returns 0 or -CRAMFS_ERR_MEMORY; free in any case. */
int children_sort(const struct cramfs_entries *entries, struct children *children);
void children_free(struct children *children);

#endif
