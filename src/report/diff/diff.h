/*
 * Comparing two images: the parts of cramfs_diff(). cramfs/diff.h describes each.
 */
#ifndef CRAMFS_REPORT_DIFF_DIFF_H
#define CRAMFS_REPORT_DIFF_DIFF_H

#include "cramfs/diff.h"
#include "report/diff/contents.h"
#include "report/usage/du.h"

/*
 * Merges the trees of both images: fills in the changes, their sums, and how many erase blocks must
 * differ (UINT64_MAX if that is not known). Returns 0 or -CRAMFS_ERR_MEMORY.
 */
int diff_trees(struct cramfs_diff *diff, unsigned jobs);

/*
 * Compares two entries at the same path: fills in change->what and change->moved. Returns 0 or
 * -CRAMFS_ERR_MEMORY.
 */
int diff_entries(const struct cramfs_view *const views[2], struct diff_contents *contents,
                 struct cramfs_change *change);

/*
 * Fills in diff->growths from what each entry of either side takes (du_sum_tree()), once
 * diff_trees() has paired the entries. Returns 0 or -CRAMFS_ERR_MEMORY.
 */
int diff_growth(struct cramfs_diff *diff, struct du_sum *const sums[2]);

#endif
