/*
 * Cutting what is encoded: files are read again, cut, and the few pages that this changes encoded.
 */
#ifndef CRAMFS_PACK_BUDGET_RECUT_H
#define CRAMFS_PACK_BUDGET_RECUT_H

#include "pack/budget/cuts.h"

/*
 * Cuts the files of the contents that are listed: gives each content its new blocks and mappings,
 * its nodes their new size, and their decisions the mappings that were added. Returns 0,
 * -CRAMFS_ERR_MEMORY, or what a source says that cannot be read any more, with diagnostics.
 */
int recut(struct cramfs_tree *tree, const struct cramfs_plan_options *options,
          struct encoded_tree *encoded, const struct cuts *cuts, struct cramfs_diags *diags);

#endif
