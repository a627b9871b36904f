/*
 * Compares a profile with the report: counts the touched pages of each file and how many of those
 * are direct, and lists the others. The touches of all names of an inode add up, as in the builder.
 */
#ifndef CRAMFS_READ_XIP_TOUCHES_H
#define CRAMFS_READ_XIP_TOUCHES_H

#include "cramfs/xip_report.h"

struct xip_touches {
    const struct cramfs_profile *profile; /* NULL: nothing is counted */
    /* By entry: what the profile has for its path; NULL if the profile does not have the path. */
    const struct cramfs_profile_file **profiled;
    /*
     * By entry: the next name of the same inode; CRAMFS_NO_ENTRY after the last one. The list of an
     * inode begins at its first name. It has only those further names that are in the profile.
     */
    uint32_t *next;
    uint64_t *counts; /* by page of the current file: its touches, summed over all names */
};

/*
 * No file that is added has more than `most_pages` pages. Returns 0 or -CRAMFS_ERR_MEMORY; close in
 * any case.
 */
int xip_touches_open(struct xip_touches *touches, const struct cramfs_survey *survey,
                     const struct cramfs_profile *profile, uint32_t most_pages);
void xip_touches_close(struct xip_touches *touches);

/*
 * Sets touched_pages and touched_direct_pages of `file`, which must be the first name of its inode,
 * and adds its touched pages that are not direct to the list of the report. direct[page] is true
 * for direct pages. Looks once at each page of the file, and at most once at each row that the
 * profile has for the inode's names. Returns 0 or -CRAMFS_ERR_MEMORY.
 */
int xip_touches_add(const struct xip_touches *touches, const struct cramfs_table *table,
                    const bool *direct, struct cramfs_xip_file *file,
                    struct cramfs_xip_report *report);

/* Sorts report->missed: most touches first, then by path and offset. */
void xip_touches_sort(struct cramfs_xip_report *report);

#endif
