#include "pack/budget/sweep.h"

#include "pack/budget/choose.h"
#include "pack/budget/cuts/choose_cuts.h"

int sweep_begin(struct cramfs_tree *tree, const struct cramfs_plan_options *options,
                struct encoded_tree *encoded, uint64_t bare_size, struct cramfs_diags *diags,
                struct sweep *sweep)
{
    *sweep = (struct sweep){.tree = tree,
                            .options = options,
                            .encoded = encoded,
                            .diags = diags,
                            .bare_size = bare_size,
                            .cuts = choose_makes_cuts(options)};
    int error = uncut_keep(tree, encoded, &sweep->uncut);
    if (!error && !sweep->cuts)
        error = choosing_begin(tree, options, encoded, bare_size, &sweep->choosing);
    return error;
}

static int choose_with_cuts(struct sweep *sweep, uint64_t budget,
                            struct cramfs_budget_summary *summary)
{
    struct cramfs_plan_options options = *sweep->options;
    struct cramfs_split_summary unheard = {0};
    options.budget = budget;
    options.fit = 0;
    int error = choose_cuts(sweep->tree, &options, sweep->encoded, sweep->bare_size, &unheard,
                            sweep->diags);
    return error ? error : choose(sweep->tree, &options, sweep->encoded, sweep->bare_size, summary);
}

int sweep_choose(struct sweep *sweep, uint64_t budget, struct cramfs_budget_summary *summary)
{
    uncut_restore(&sweep->uncut, sweep->tree, sweep->encoded);
    return sweep->cuts ? choose_with_cuts(sweep, budget, summary)
                       : choose_for_budget(&sweep->choosing, budget, summary);
}

void sweep_end(struct sweep *sweep)
{
    uncut_restore(&sweep->uncut, sweep->tree, sweep->encoded);
    choosing_end(&sweep->choosing);
    uncut_free(&sweep->uncut);
}
