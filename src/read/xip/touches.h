/*
 * Compares a profile with the report: which touched pages are direct, and which direct pages nobody
 * touches. The touches of all names of an inode add up, as in the builder.
 */
#ifndef CRAMFS_READ_XIP_TOUCHES_H
#define CRAMFS_READ_XIP_TOUCHES_H

#include "cramfs/xip_report.h"

struct xip_touches {
    const struct cramfs_profile *profile;  /* NULL: nothing is counted */
    const struct cramfs_profile_file **of; /* by entry; NULL where the profile has nothing */
    uint32_t *next;                        /* by entry: another name of its inode, or
                                              CRAMFS_NO_ENTRY */
};

/* Returns 0 or -CRAMFS_ERR_MEMORY; close in any case. */
int xip_touches_open(struct xip_touches *touches, const struct cramfs_survey *survey,
                     const struct cramfs_profile *profile);
void xip_touches_close(struct xip_touches *touches);

/*
 * Counts the pages of an inode's first name into the file; `direct` says which are direct. Touched
 * pages that are not direct go into the report's list. Returns 0 or -CRAMFS_ERR_MEMORY.
 */
int xip_touches_take(const struct xip_touches *touches, const struct cramfs_table *table,
                     const bool *direct, struct cramfs_xip_file *file,
                     struct cramfs_xip_report *report);

/* Sorts the list: most touches first, then by path and offset. */
void xip_touches_sort(struct cramfs_xip_report *report);

#endif
