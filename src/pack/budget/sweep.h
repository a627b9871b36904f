/*
 * Choices for many budgets from one encoded tree: for each budget, the choice of a build with that
 * budget.
 */
#ifndef CRAMFS_PACK_BUDGET_SWEEP_H
#define CRAMFS_PACK_BUDGET_SWEEP_H

#include "pack/budget/choosing.h"
#include "pack/budget/cuts/uncut.h"

struct sweep {
    struct cramfs_tree *tree;
    const struct cramfs_plan_options *options;
    struct encoded_tree *encoded;
    struct cramfs_diags *diags;
    uint64_t bare_size;
    bool cuts; /* each budget has its own cuts, and so its own steps */
    struct uncut_tree uncut;
    struct budget_choosing choosing; /* without cuts, the steps of all budgets */
};

/*
 * `encoded` is the tree as it was encoded, and `bare_size` its size from choosing_measure_bare().
 * Returns 0 or -CRAMFS_ERR_MEMORY; end it in any case.
 */
int sweep_begin(struct cramfs_tree *tree, const struct cramfs_plan_options *options,
                struct encoded_tree *encoded, uint64_t bare_size, struct cramfs_diags *diags,
                struct sweep *sweep);

/*
 * Changes the encoded tree and its selections to the choice of a build with this budget. They stay
 * so until the next call. Fills in the summary. Returns 0 or an error of choose_cuts().
 */
int sweep_choose(struct sweep *sweep, uint64_t budget, struct cramfs_budget_summary *summary);

/* Restores the tree as it was encoded. */
void sweep_end(struct sweep *sweep);

#endif
