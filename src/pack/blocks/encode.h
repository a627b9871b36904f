/*
 * Encoding: every file and link becomes a list of encoded blocks.
 *
 * The pages of all files go through a worker pool in batches and come back in order; the results
 * fill the block store, and files whose lists are equal have one content.
 */
#ifndef CRAMFS_PACK_BLOCKS_ENCODE_H
#define CRAMFS_PACK_BLOCKS_ENCODE_H

#include "cramfs/plan.h"
#include "pack/blocks/encoded.h"

/*
 * Reports that `path` is not what was profiled: as a warning where the options allow that, and
 * returns 0; else as an error, and returns -CRAMFS_ERR_CHANGED.
 */
int report_stale_profile(const struct cramfs_plan_options *options, const char *path,
                         const char *difference, struct cramfs_diags *diags);

/*
 * Fills *encoded (which starts as {0}); free it in any case. Errors as cramfs_plan_create(). When
 * files were left out, the tree is to be finished and encoded again.
 */
int encode_tree(struct cramfs_tree *tree, const struct cramfs_plan_options *options,
                struct encoded_tree *encoded, struct cramfs_diags *diags);

#endif
