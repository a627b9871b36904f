/* How often a file may be cut: options.split. */
#ifndef CRAMFS_PACK_BLOCKS_CUT_LIMITS_H
#define CRAMFS_PACK_BLOCKS_CUT_LIMITS_H

#include "pack/blocks/encoded.h"

/*
 * Sets the limits in a file's decision from its bytes: how many cuts there may be, or why none.
 * Does nothing unless the options ask for cuts. Returns 0 or -CRAMFS_ERR_MEMORY.
 */
int find_cut_limits(const struct cramfs_plan_options *options, const struct cramfs_node *node,
                    const void *bytes, struct decision *decision);

#endif
