/*
 * The users of the extents of an image, other than their owners.
 */
#ifndef CRAMFS_REPORT_USAGE_SHARING_H
#define CRAMFS_REPORT_USAGE_SHARING_H

#include "cramfs/usage.h"

/*
 * Follows every pointer of every inode once: sets shared[i] for each extent of the survey that more
 * than one entry uses, adds to `borrowed` of each entry what it uses of others' extents, and counts
 * the savings. Returns 0 or -CRAMFS_ERR_MEMORY.
 */
int sharing_find(const struct cramfs_view *view, bool *shared, uint64_t *borrowed,
                 struct cramfs_savings *savings);

#endif
