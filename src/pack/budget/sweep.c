#include "pack/budget/sweep.h"

#include "pack/budget/choose.h"

int sweep_begin(struct cramfs_tree *tree, const struct cramfs_plan_options *options,
                struct encoded_tree *encoded, uint64_t bare_size, struct cramfs_diags *diags,
                struct sweep *sweep)
{
    *sweep = (struct sweep){.tree = tree, .encoded = encoded, .cuts = choose_makes_cuts(options)};
    if (sweep->cuts)
        return cut_choice_begin(tree, options, encoded, bare_size, diags, &sweep->cut_choice);
    int error = snapshot_take(tree, encoded, &sweep->unchosen);
    return error ? error : choosing_begin(tree, options, encoded, bare_size, &sweep->choosing);
}

int sweep_choose(struct sweep *sweep, uint64_t budget, struct cramfs_budget_summary *summary)
{
    struct cramfs_split_summary unheard;
    if (sweep->cuts)
        return cut_choice_make(&sweep->cut_choice, budget, &unheard, summary);
    int error = snapshot_restore(&sweep->unchosen, sweep->tree, sweep->encoded);
    return error ? error : choose_for_budget(&sweep->choosing, budget, summary);
}

void sweep_end(struct sweep *sweep)
{
    /* Cannot fail: cut files have no fewer refs, so there is room. */
    (void)snapshot_restore(sweep->cuts ? &sweep->cut_choice.uncut : &sweep->unchosen, sweep->tree,
                           sweep->encoded);
    cut_choice_end(&sweep->cut_choice);
    choosing_end(&sweep->choosing);
    snapshot_free(&sweep->unchosen);
}
