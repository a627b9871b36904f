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
 * Fills *encoded (which starts as {0}); free it in any case. Errors as cramfs_plan_create(). When
 * files were left out, the tree is to be finished and encoded again.
 */
int encode_tree(struct cramfs_tree *tree, const struct cramfs_plan_options *options,
                struct encoded_tree *encoded, struct cramfs_diags *diags);

#endif
