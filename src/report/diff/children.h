/*
 * The entries of each directory of an image, in the order of their names, whatever their order in
 * the image is: so that two trees can be merged.
 */
#ifndef CRAMFS_REPORT_DIFF_CHILDREN_H
#define CRAMFS_REPORT_DIFF_CHILDREN_H

#include "cramfs/walk.h"

struct children {
    const struct cramfs_entry **sorted; /* those of one directory behind each other */
    uint32_t *first; /* by entry: where its own begin; they end where the next one's begin */
};

/* Returns 0 or -CRAMFS_ERR_MEMORY; free in any case. */
int children_sort(const struct cramfs_entries *entries, struct children *children);
void children_free(struct children *children);

#endif
