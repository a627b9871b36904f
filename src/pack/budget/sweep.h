/*
 * One encoded tree, many budgets: for each the choice that a build with that budget makes.
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
    bool cuts; /* each budget has cuts of its own, and steps */
    struct uncut_tree uncut;
    struct budget_choosing choosing; /* without cuts, the steps of all budgets */
};

/*
 * Begins with a tree as it was encoded, and its size of choosing_measure_bare(). Returns 0 or
 * -CRAMFS_ERR_MEMORY; end it in any case.
 */
int sweep_begin(struct cramfs_tree *tree, const struct cramfs_plan_options *options,
                struct encoded_tree *encoded, uint64_t bare_size, struct cramfs_diags *diags,
                struct sweep *sweep);

/*
 * Has the encoded tree be what a build with this budget chooses, until the next call: its
 * selections, too. Fills in the summary. Returns 0 or an error of choose_cuts().
 */
int sweep_choose(struct sweep *sweep, uint64_t budget, struct cramfs_budget_summary *summary);

/* Gives the tree back as it was encoded. */
void sweep_end(struct sweep *sweep);

#endif
