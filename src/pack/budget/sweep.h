/*
 * Choices for many budgets from one encoded tree: for each budget, the choice of a build with that
 * budget.
 */
#ifndef CRAMFS_PACK_BUDGET_SWEEP_H
#define CRAMFS_PACK_BUDGET_SWEEP_H

#include "pack/budget/cuts/choose_cuts.h"

struct sweep {
    struct cramfs_tree *tree;
    struct encoded_tree *encoded;
    bool cuts;                       /* files are cut, for each budget in its own way */
    struct cut_choice cut_choice;    /* if so */
    struct snapshot unchosen;        /* if not: the tree as it was encoded */
    struct budget_choosing choosing; /* and its steps */
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
 * so until the next call. Fills in the summary. Returns 0 or an error of cut_choice_make().
 */
int sweep_choose(struct sweep *sweep, uint64_t budget, struct cramfs_budget_summary *summary);

/* Restores the tree as it was encoded. */
void sweep_end(struct sweep *sweep);

#endif
