/* Whether a profile was taken from the files that are packed. */
#ifndef CRAMFS_PACK_BLOCKS_STALE_PROFILE_H
#define CRAMFS_PACK_BLOCKS_STALE_PROFILE_H

#include "cramfs/plan.h"

/*
 * Reports that `path` is not the file that was profiled. If the options allow that, it is a
 * warning, and the result is 0; otherwise it is an error, and the result is -CRAMFS_ERR_CHANGED.
 */
int report_stale_profile(const struct cramfs_plan_options *options, const char *path,
                         const char *difference, struct cramfs_diags *diags);

/*
 * Reports a file if the options have a profile that was taken from other bytes of this file.
 * Returns 0, -CRAMFS_ERR_CHANGED or -CRAMFS_ERR_MEMORY.
 */
int check_profile(const struct cramfs_plan_options *options, const struct cramfs_node *node,
                  const void *bytes, struct cramfs_diags *diags);

#endif
