#include "pack/budget/cuts/choose_cuts.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/array.h"
#include "base/saturate.h"
#include "pack/budget/choose.h"
#include "pack/budget/cuts/recut.h"
#include "pack/budget/spend.h"

enum { MOST_PRICES = 4 };

/* Trials for one budget. */
struct trials {
    struct cut_choice *choice;
    uint64_t budget;
    struct cuts cuts[MOST_PRICES]; /* all different, none empty */
    size_t cuts_count;
    struct choice_worth best;
    struct cramfs_budget_summary summary; /* of the best */
    struct snapshot snapshot;             /* the tree with the best */
};

static bool are_same(const struct cuts *a, const struct cuts *b)
{
    if (a->list_count != b->list_count)
        return false;
    for (size_t i = 0; i < a->list_count; i++) {
        const struct content_cuts *one = &a->list[i];
        const struct content_cuts *other = &b->list[i];
        if (one->content != other->content || one->count != other->count ||
            memcmp(one->pages, other->pages, one->count * sizeof(*one->pages)) != 0)
            return false;
    }
    return true;
}

/* Adds the cuts at a price, unless they are known, or no file is cut. */
static int add_price(struct trials *trials, uint64_t price)
{
    struct cuts *cuts = &trials->cuts[trials->cuts_count];
    if (price > CUTS_MOST_PRICE)
        price = CUTS_MOST_PRICE;
    int error = cuts_find(&trials->choice->choosing.candidates, price, cuts);
    bool known = !cuts->list_count;
    for (size_t i = 0; !known && i < trials->cuts_count; i++)
        known = are_same(&trials->cuts[i], cuts);
    if (error || known)
        cuts_free(cuts);
    else
        trials->cuts_count++;
    return error;
}

/* Several budgets ask for the same prices: the search begins alike for all. */
static int cost_at(struct cut_choice *choice, uint64_t price, uint64_t *cost)
{
    for (size_t i = 0; i < choice->costs_count; i++) {
        *cost = choice->costs[i].cost;
        if (choice->costs[i].price == price)
            return 0;
    }
    struct cuts cuts;
    int error = cuts_find(&choice->choosing.candidates, price, &cuts);
    *cost = cuts.cost;
    cuts_free(&cuts);
    if (!error && !ARRAY_GROW(choice, costs))
        error = -CRAMFS_ERR_MEMORY;
    if (!error)
        choice->costs[choice->costs_count++] = (struct price_cost){price, *cost};
    return error;
}

/* The highest price at which the budget pays, by estimate, for all pages worth being in place. */
static int find_price(const struct trials *trials, uint64_t *price)
{
    uint64_t low = 0;
    uint64_t high = CUTS_MOST_PRICE;
    int error = 0;
    while (!error && low < high) {
        uint64_t middle = low + (high - low + 1) / 2;
        uint64_t cost;
        error = cost_at(trials->choice, middle, &cost);
        if (cost <= trials->budget)
            low = middle;
        else
            high = middle - 1;
    }
    *price = low;
    return error;
}

/*
 * Lists the cuts at the price of find_price(), and at higher prices. Cuts at a higher price are for
 * more pages than the budget pays for; but cuts come first, and the pages are then chosen within
 * the budget.
 */
static int find_cuts(struct trials *trials)
{
    uint64_t price = CUTS_MOST_PRICE;
    int error = trials->budget == UINT64_MAX ? 0 : find_price(trials, &price);
    const uint64_t prices[MOST_PRICES] = {price, price + 1, price + price / 2, 3 * price};
    for (size_t i = 0; !error && i < MOST_PRICES; i++)
        error = add_price(trials, prices[i]);
    return error;
}

static bool is_better(const struct choice_worth *worth, const struct choice_worth *than,
                      uint64_t least_pages)
{
    if (worth->pages < least_pages || worth->gain < than->gain)
        return false;
    return worth->gain > than->gain || worth->cost < than->cost;
}

/* Keeps the tree with the pages that `choosing` has taken. */
static int keep_best(struct trials *trials, struct budget_choosing *choosing,
                     const struct choice_worth *worth)
{
    const struct cut_choice *choice = trials->choice;
    trials->best = *worth;
    choose_apply(choosing, worth->cost, &trials->summary);
    return snapshot_take(choice->tree, choice->encoded, &trials->snapshot);
}

static int try_without_cuts(struct trials *trials)
{
    struct budget_choosing *choosing = &trials->choice->choosing;
    struct choice_worth worth;
    int error = choose_trial(choosing, trials->budget, &worth);
    return error ? error : keep_best(trials, choosing, &worth);
}

/*
 * Whether a trial could be the best: the densest steps that the budget pays for, by estimate, and
 * the next one have enough touches. Estimates of costs are a few percent off.
 */
static bool is_promising(const struct trials *trials, const struct budget_choosing *choosing)
{
    const struct candidates *candidates = &choosing->candidates;
    uint64_t gain = 0;
    size_t steps = spend_estimate(choosing, trials->budget);
    for (size_t i = 0; i <= steps && i < candidates->steps_count; i++)
        saturating_add(&gain, candidates->steps[i].worth.gain);
    return gain >= trials->best.gain - trials->best.gain / 64;
}

static int try_cuts(struct trials *trials, const struct cuts *cuts, uint64_t least_pages)
{
    struct cut_choice *choice = trials->choice;
    struct budget_choosing choosing = {0};
    struct choice_worth worth;
    int error = snapshot_restore(&choice->uncut, choice->tree, choice->encoded);
    if (!error)
        error = recut(&choice->forms, cuts);
    if (!error)
        error = choosing_begin(choice->tree, choice->options, choice->encoded, choice->bare_size,
                               &choosing);
    bool promising = !error && is_promising(trials, &choosing);
    if (promising)
        error = choose_trial(&choosing, trials->budget, &worth);
    if (promising && !error && worth.cost <= trials->budget &&
        is_better(&worth, &trials->best, least_pages))
        error = keep_best(trials, &choosing, &worth);
    choosing_end(&choosing);
    return error;
}

static int try_all(struct trials *trials)
{
    struct cut_choice *choice = trials->choice;
    int error = snapshot_restore(&choice->uncut, choice->tree, choice->encoded);
    if (!error)
        error = find_cuts(trials);
    if (!error)
        error = try_without_cuts(trials);
    uint64_t least_pages = trials->best.pages;
    for (size_t i = 0; !error && i < trials->cuts_count; i++)
        error = try_cuts(trials, &trials->cuts[i], least_pages);
    return error ? error : snapshot_restore(&trials->snapshot, choice->tree, choice->encoded);
}

static void summarise(const struct cut_choice *choice, struct cramfs_split_summary *summary)
{
    const struct encoded_tree *encoded = choice->encoded;
    *summary = (struct cramfs_split_summary){0};
    for (uint32_t i = 0; i < choice->tree->nodes_count; i++) {
        if (encoded->content_of_node[i] == NO_CONTENT || !S_ISREG(choice->tree->nodes[i]->mode))
            continue;
        struct cramfs_selection *selection = selection_of(encoded, i);
        if (selection->mappings_added) {
            summary->files++;
            summary->mappings += selection->mappings_added;
            selection->uncut = NULL;
        } else if (selection->mappings_count && !selection->uncut) {
            selection->uncut = "no cut saves more than it costs";
        }
    }
}

bool choose_makes_cuts(const struct cramfs_plan_options *options)
{
    return options->split && options->profile && options->kernel != CRAMFS_KERNEL_NOMMU;
}

int cut_choice_begin(struct cramfs_tree *tree, const struct cramfs_plan_options *options,
                     struct encoded_tree *encoded, uint64_t bare_size, struct cramfs_diags *diags,
                     struct cut_choice *choice)
{
    *choice = (struct cut_choice){
        .tree = tree, .options = options, .encoded = encoded, .bare_size = bare_size};
    int error = snapshot_take(tree, encoded, &choice->uncut);
    if (!error)
        error = cut_forms_begin(tree, options, encoded, diags, &choice->forms);
    return error ? error : choosing_begin(tree, options, encoded, bare_size, &choice->choosing);
}

int cut_choice_make(struct cut_choice *choice, uint64_t budget, struct cramfs_split_summary *split,
                    struct cramfs_budget_summary *summary)
{
    struct trials trials = {.choice = choice, .budget = budget};
    int error = try_all(&trials);
    *summary = trials.summary;
    if (!error)
        summarise(choice, split);
    snapshot_free(&trials.snapshot);
    for (size_t i = 0; i < trials.cuts_count; i++)
        cuts_free(&trials.cuts[i]);
    return error;
}

void cut_choice_end(struct cut_choice *choice)
{
    snapshot_free(&choice->uncut);
    choosing_end(&choice->choosing);
    cut_forms_end(&choice->forms);
    free(choice->costs);
}
