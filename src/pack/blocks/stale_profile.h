/*
 * Whether a profile is of the files that are packed.
 */
#ifndef CRAMFS_PACK_BLOCKS_STALE_PROFILE_H
#define CRAMFS_PACK_BLOCKS_STALE_PROFILE_H

#include "cramfs/plan.h"

/*
 * Reports that `path` is not what was profiled: as a warning where the options allow that, and
 * returns 0; else as an error, and returns -CRAMFS_ERR_CHANGED.
 */
int report_stale_profile(const struct cramfs_plan_options *options, const char *path,
                         const char *difference, struct cramfs_diags *diags);

/*
 * Reports it of the file whose bytes these are, where the options have a profile and it is of other
 * bytes. Returns 0, -CRAMFS_ERR_CHANGED or -CRAMFS_ERR_MEMORY.
 */
int check_profile(const struct cramfs_plan_options *options, const struct cramfs_node *node,
                  const void *bytes, struct cramfs_diags *diags);

#endif
