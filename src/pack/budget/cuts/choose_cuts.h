/*
 * Choosing cuts and pages together, for options.split.
 */
#ifndef CRAMFS_PACK_BUDGET_CUTS_CHOOSE_CUTS_H
#define CRAMFS_PACK_BUDGET_CUTS_CHOOSE_CUTS_H

#include "pack/budget/choosing.h"
#include "pack/budget/cuts/cut_forms.h"
#include "pack/budget/snapshot.h"

/* Whether these options cut files: they need options.split, a profile, and a kernel with an MMU. */
bool choose_makes_cuts(const struct cramfs_plan_options *options);

/* What all pages worth being in place cost at a price, by estimate. */
struct price_cost {
    uint64_t price;
    uint64_t cost;
};

/* The state that serves for several budgets, one after the other. */
struct cut_choice {
    struct cramfs_tree *tree;
    const struct cramfs_plan_options *options;
    struct encoded_tree *encoded;
    uint64_t bare_size;
    struct snapshot uncut;
    struct budget_choosing choosing; /* without cuts */
    struct cut_forms forms;
    struct price_cost *costs; /* those that were asked for: about 20 for each budget */
    size_t costs_count;
    size_t costs_capacity;
};

/*
 * `encoded` is the tree as it was encoded, and `bare_size` its size from choosing_measure_bare().
 * Returns 0 or -CRAMFS_ERR_MEMORY; end it in any case.
 */
int cut_choice_begin(struct cramfs_tree *tree, const struct cramfs_plan_options *options,
                     struct encoded_tree *encoded, uint64_t bare_size, struct cramfs_diags *diags,
                     struct cut_choice *choice);

/*
 * Chooses as choose() does, and cuts files of the tree where that makes the choice better: more
 * touches in place for the budget, or as many for less flash. Cuts never reduce the touches or the
 * touched pages in place. Tries the cuts for a few prices, each with the best choice of pages. The
 * tree stays so until the next call. Fills in both summaries. Returns 0, -CRAMFS_ERR_MEMORY, or the
 * error of reading a file again, with diagnostics.
 */
int cut_choice_make(struct cut_choice *choice, uint64_t budget, struct cramfs_split_summary *split,
                    struct cramfs_budget_summary *summary);

/* Frees the state. The tree stays as it is. */
void cut_choice_end(struct cut_choice *choice);

#endif
