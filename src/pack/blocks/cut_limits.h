/*
 * How often a file may be cut, for options.split.
 */
#ifndef CRAMFS_PACK_BLOCKS_CUT_LIMITS_H
#define CRAMFS_PACK_BLOCKS_CUT_LIMITS_H

#include "pack/blocks/encoded.h"

/*
 * Fills in the decision of the file whose bytes these are: how many cuts there may be, or why none.
 * Nothing is filled in unless the options ask for cuts. Returns 0 or -CRAMFS_ERR_MEMORY.
 */
int find_cut_limits(const struct cramfs_plan_options *options, const struct cramfs_node *node,
                    const void *bytes, struct decision *decision);

#endif
