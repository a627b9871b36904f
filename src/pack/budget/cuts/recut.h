/*
 * Cuts files after they were encoded: they are read again, cut, and the few changed pages encoded.
 */
#ifndef CRAMFS_PACK_BUDGET_CUTS_RECUT_H
#define CRAMFS_PACK_BUDGET_CUTS_RECUT_H

#include "pack/budget/cuts/cuts.h"

/*
 * Cuts the files of the listed contents: sets the new blocks and mappings of each content, the new
 * sizes of its nodes, and the added mappings in their decisions. Returns 0, -CRAMFS_ERR_MEMORY, or
 * the error of a source that can no longer be read, with diagnostics.
 */
int recut(struct cramfs_tree *tree, const struct cramfs_plan_options *options,
          struct encoded_tree *encoded, const struct cuts *cuts, struct cramfs_diags *diags);

#endif
