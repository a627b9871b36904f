/*
 * Choosing cuts and pages together, for options.split.
 */
#ifndef CRAMFS_PACK_BUDGET_CUTS_CHOOSE_CUTS_H
#define CRAMFS_PACK_BUDGET_CUTS_CHOOSE_CUTS_H

#include "pack/budget/choose.h"

/* Whether these options cut files: they need options.split, a profile, and a kernel with an MMU. */
bool choose_makes_cuts(const struct cramfs_plan_options *options);

/*
 * Cuts files of the tree where that makes the choice of pages better: more touches in place for the
 * budget, or as many for less flash. Cuts never reduce the touches or the touched pages in place.
 * Tries the cuts for a few prices, each with the choice that choose() then makes. Fills in the
 * summary. Returns 0, -CRAMFS_ERR_MEMORY, or the error of reading a file again, with diagnostics.
 */
int choose_cuts(struct cramfs_tree *tree, const struct cramfs_plan_options *options,
                struct encoded_tree *encoded, uint64_t bare_size,
                struct cramfs_split_summary *summary, struct cramfs_diags *diags);

#endif
