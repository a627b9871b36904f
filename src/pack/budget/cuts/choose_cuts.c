#include "pack/budget/cuts/choose_cuts.h"

#include <sys/stat.h>

#include "pack/budget/choosing.h"
#include "pack/budget/cuts/recut.h"
#include "pack/budget/cuts/uncut.h"

enum { MOST_PRICES = 4 };

struct cut_choice {
    struct cramfs_tree *tree;
    const struct cramfs_plan_options *options;
    struct encoded_tree *encoded;
    struct cramfs_diags *diags;
    uint64_t bare_size;
    uint64_t budget;
    struct candidates candidates; /* without cuts */
    struct uncut_tree uncut;
    uint64_t prices[MOST_PRICES];
    size_t prices_count;
    struct choice_worth best;
    uint64_t best_price; /* 0: without cuts */
};

static void add_price(struct cut_choice *choice, uint64_t price)
{
    if (price > CUTS_MOST_PRICE)
        price = CUTS_MOST_PRICE;
    for (size_t i = 0; i < choice->prices_count; i++) {
        if (choice->prices[i] == price)
            return;
    }
    if (price && choice->prices_count < MOST_PRICES)
        choice->prices[choice->prices_count++] = price;
}

static int cost_at(const struct cut_choice *choice, uint64_t price, uint64_t *cost)
{
    struct cuts cuts;
    int error = cuts_find(&choice->candidates, price, &cuts);
    *cost = cuts.cost;
    cuts_free(&cuts);
    return error;
}

/* The highest price at which the budget pays, by estimate, for all pages worth being in place. */
static int find_price(const struct cut_choice *choice, uint64_t *price)
{
    uint64_t low = 0;
    uint64_t high = CUTS_MOST_PRICE;
    int error = 0;
    while (!error && low < high) {
        uint64_t middle = low + (high - low + 1) / 2;
        uint64_t cost;
        error = cost_at(choice, middle, &cost);
        if (cost <= choice->budget)
            low = middle;
        else
            high = middle - 1;
    }
    *price = low;
    return error;
}

/*
 * Lists the price of find_price(), and higher prices. Cuts at a higher price are for more pages
 * than the budget pays for; but cuts come first, and the pages are then chosen within the budget.
 */
static int find_prices(struct cut_choice *choice)
{
    uint64_t price = CUTS_MOST_PRICE;
    int error = choice->budget == UINT64_MAX ? 0 : find_price(choice, &price);
    if (error)
        return error;
    add_price(choice, price);
    add_price(choice, price + 1);
    add_price(choice, price + price / 2);
    add_price(choice, 3 * price);
    return 0;
}

static bool is_better(const struct choice_worth *worth, const struct choice_worth *than,
                      uint64_t least_pages)
{
    if (worth->pages < least_pages || worth->gain < than->gain)
        return false;
    return worth->gain > than->gain || worth->cost < than->cost;
}

static int cut_at(struct cut_choice *choice, uint64_t price)
{
    struct cuts cuts;
    int error = cuts_find(&choice->candidates, price, &cuts);
    if (!error)
        error = recut(choice->tree, choice->options, choice->encoded, &cuts, choice->diags);
    cuts_free(&cuts);
    return error;
}

static int try_price(struct cut_choice *choice, uint64_t price, uint64_t least_pages)
{
    struct choice_worth worth;
    int error = cut_at(choice, price);
    if (!error)
        error =
            choose_trial(choice->tree, choice->options, choice->encoded, choice->bare_size, &worth);
    if (error)
        return error;
    if (worth.cost <= choice->budget && is_better(&worth, &choice->best, least_pages)) {
        choice->best = worth;
        choice->best_price = price;
    }
    uncut_restore(&choice->uncut, choice->tree, choice->encoded);
    return 0;
}

static int try_prices(struct cut_choice *choice)
{
    int error = uncut_keep(choice->tree, choice->encoded, &choice->uncut);
    if (!error)
        error =
            candidates_find(choice->tree, choice->options, choice->encoded, &choice->candidates);
    if (!error)
        error = find_prices(choice);
    if (!error)
        error = choose_trial(choice->tree, choice->options, choice->encoded, choice->bare_size,
                             &choice->best);
    uncut_restore(&choice->uncut, choice->tree, choice->encoded);
    uint64_t least_pages = choice->best.pages;
    for (size_t i = 0; !error && i < choice->prices_count; i++)
        error = try_price(choice, choice->prices[i], least_pages);
    return error;
}

static void summarise(const struct cut_choice *choice, struct cramfs_split_summary *summary)
{
    const struct encoded_tree *encoded = choice->encoded;
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

int choose_cuts(struct cramfs_tree *tree, const struct cramfs_plan_options *options,
                struct encoded_tree *encoded, uint64_t bare_size,
                struct cramfs_split_summary *summary, struct cramfs_diags *diags)
{
    struct cut_choice choice = {.tree = tree,
                                .options = options,
                                .encoded = encoded,
                                .diags = diags,
                                .bare_size = bare_size,
                                .budget = choosing_budget(options, bare_size)};
    int error = try_prices(&choice);
    if (!error && choice.best_price)
        error = cut_at(&choice, choice.best_price);
    if (!error)
        summarise(&choice, summary);
    candidates_free(&choice.candidates);
    uncut_free(&choice.uncut);
    return error;
}
