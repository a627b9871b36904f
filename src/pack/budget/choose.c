#include "pack/budget/choose.h"

#include "base/saturate.h"
#include "pack/budget/spend.h"
#include "pack/budget/summarise_choice.h"

int choose_trial(struct budget_choosing *choosing, uint64_t budget, struct choice_worth *worth)
{
    const struct candidates *candidates = &choosing->candidates;
    *worth = (struct choice_worth){0};
    int error = spend(choosing, budget, &worth->cost);
    for (size_t i = 0; !error && i < choosing->encoded->refs_count; i++) {
        if (!candidates->taken[i] || !candidates->gains[i])
            continue;
        worth->pages++;
        saturating_add(&worth->gain, candidates->gains[i]);
    }
    return error;
}

void choose_apply(struct budget_choosing *choosing, uint64_t cost,
                  struct cramfs_budget_summary *summary)
{
    choosing_apply(choosing);
    summarise_choice(choosing, cost, summary);
}

int choose_for_budget(struct budget_choosing *choosing, uint64_t budget,
                      struct cramfs_budget_summary *summary)
{
    uint64_t cost;
    int error = spend(choosing, budget, &cost);
    if (!error)
        choose_apply(choosing, cost, summary);
    return error;
}

int choose(const struct cramfs_tree *tree, const struct cramfs_plan_options *options,
           struct encoded_tree *encoded, uint64_t bare_size, struct cramfs_budget_summary *summary)
{
    struct budget_choosing choosing;
    *summary = (struct cramfs_budget_summary){0};
    int error = choosing_begin(tree, options, encoded, bare_size, &choosing);
    if (!error)
        error = choose_for_budget(&choosing, choosing_budget(options, bare_size), summary);
    choosing_end(&choosing);
    return error;
}
