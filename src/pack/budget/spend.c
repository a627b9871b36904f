#include "pack/budget/spend.h"

#include <stdlib.h>

#include "pack/budget/equal_runs.h"

/* A search in the list of steps: the budget pays for `low` steps, and not for `over`. */
struct spending {
    struct budget_choosing *choosing;
    uint64_t budget;
    size_t low;
    struct choice_size low_size;
    size_t over;
    struct choice_size over_size;
};

/*
 * The estimated cost of further steps that the budget still pays for: whole pages of flash, and the
 * gap that alignment leaves.
 */
static uint64_t left_of(const struct budget_choosing *choosing, uint64_t budget,
                        const struct choice_size *size)
{
    uint64_t page = choosing->options->page_size;
    return (budget - size->cost) / page * page + size->gap;
}

size_t spend_estimate(const struct budget_choosing *choosing, uint64_t sum)
{
    size_t low = 0;
    size_t high = choosing->candidates.steps_count;
    while (low < high) {
        size_t middle = low + (high - low + 1) / 2;
        if (choosing->sums[middle] <= sum)
            low = middle;
        else
            high = middle - 1;
    }
    return low;
}

/*
 * Guesses the step at which the budget ends. Estimates are wrong by some factor, which the two ends
 * of the search show. The shift keeps the product below 2^64, since a cost is below 2^32.
 */
static size_t interpolate(const struct spending *spending)
{
    const uint64_t *sums = spending->choosing->sums;
    uint64_t estimated = sums[spending->over] - sums[spending->low];
    uint64_t real = spending->over_size.cost - spending->low_size.cost;
    uint64_t left = left_of(spending->choosing, spending->budget, &spending->low_size);
    unsigned shift = 0;
    while (estimated >> shift >= (uint64_t)1 << 31)
        shift++;
    uint64_t part = (left * (estimated >> shift) / (real ? real : 1)) << shift;
    return spend_estimate(spending->choosing, sums[spending->low] + part);
}

/* Tries an interpolation; after several of these, the middle. */
static size_t next_try(const struct spending *spending, unsigned tries)
{
    enum { MOST_INTERPOLATIONS = 6 };
    if (spending->over_size.cost == NO_IMAGE || tries > MOST_INTERPOLATIONS)
        return spending->low + (spending->over - spending->low) / 2;
    size_t at = interpolate(spending);
    at = at > spending->low ? at : spending->low + 1;
    return at < spending->over ? at : spending->over - 1;
}

/* The most steps, in their order, that the budget pays for. */
static int fit_steps(struct spending *spending)
{
    struct budget_choosing *choosing = spending->choosing;
    for (unsigned tries = 0; spending->over - spending->low > 1; tries++) {
        size_t at = next_try(spending, tries);
        struct choice_size size;
        candidates_take(&choosing->candidates, at);
        int error = choosing_measure(choosing, &size);
        if (error)
            return error;
        if (size.cost <= spending->budget) {
            spending->low = at;
            spending->low_size = size;
        } else {
            spending->over = at;
            spending->over_size = size;
        }
    }
    candidates_take(&choosing->candidates, spending->low);
    return 0;
}

/* The longest prefix up to which the step, from `from` on, costs at most `budget` by estimate. */
static uint32_t part_within(const struct budget_choosing *choosing, const struct budget_step *step,
                            uint32_t from, uint64_t budget)
{
    const struct candidate *candidate = &choosing->candidates.list[step->candidate];
    uint32_t to = step->to;
    if (choosing->options->kernel == CRAMFS_KERNEL_NOMMU)
        return curve_between(candidate->curve, from, to).cost <= budget ? to : from;
    while (to > from && curve_between(candidate->curve, from, to).cost > budget)
        to--;
    while (to > from && !curve_between(candidate->curve, to - 1, to).gain)
        to--; /* a last page that saves nothing is not taken */
    return to;
}

/* Each try lays the image out once. */
enum { MOST_TRIES = 48 };

/*
 * The cost of a part may be less than its estimate by this many bytes. With an MMU: the 2 bytes of
 * length before each of two compressed blocks after the part, and the alignment of these blocks.
 * Without one: what a last page that is not full takes less than a page.
 */
static uint64_t tolerance(const struct budget_choosing *choosing)
{
    const struct cramfs_plan_options *options = choosing->options;
    return options->kernel == CRAMFS_KERNEL_NOMMU ? options->page_size : 16;
}

/* Takes the longest further part of a step that the budget pays for. */
static int fill_step(struct spending *spending, const struct budget_step *step, unsigned *tries)
{
    struct budget_choosing *choosing = spending->choosing;
    struct candidate *candidate = &choosing->candidates.list[step->candidate];
    uint32_t from = candidate->taken;
    uint64_t left = left_of(choosing, spending->budget, &spending->low_size) + tolerance(choosing);
    uint32_t to = part_within(choosing, step, from, left);
    while (to > from && (*tries)++ < MOST_TRIES) {
        struct choice_size size;
        candidates_mark(&choosing->candidates, candidate, from, to, false);
        int error = choosing_measure(choosing, &size);
        if (error)
            return error;
        if (size.cost <= spending->budget) {
            candidate->taken = to;
            spending->low_size = size;
            return 0;
        }
        candidates_mark(&choosing->candidates, candidate, from, to, true);
        uint64_t cost = curve_between(candidate->curve, from, to).cost;
        to = choosing->options->kernel == CRAMFS_KERNEL_NOMMU || !cost
                 ? from
                 : part_within(choosing, step, from, cost - 1);
    }
    return 0;
}

/* Spends the rest of the budget on steps that are small enough, in their order. */
static int fill(struct spending *spending, unsigned *tries, bool *any)
{
    const struct candidates *candidates = &spending->choosing->candidates;
    int error = 0;
    *any = false;
    for (size_t i = spending->low; !error && i < candidates->steps_count && *tries < MOST_TRIES;
         i++) {
        const struct budget_step *step = &candidates->steps[i];
        uint32_t taken = candidates->list[step->candidate].taken;
        if (taken < step->from || taken >= step->to)
            continue; /* an earlier step of its candidate was not taken, or this one was */
        error = fill_step(spending, step, tries);
        *any |= candidates->list[step->candidate].taken > taken;
    }
    return error;
}

/*
 * Takes pages that cost no flash, see equal_runs.h. Alignment may still cost bytes; if the budget
 * does not pay for these, takes none.
 */
static int take_equal_runs(struct spending *spending, bool *any)
{
    struct budget_choosing *choosing = spending->choosing;
    struct equal_runs taken;
    struct choice_size size = spending->low_size;
    int error = equal_runs_take(&choosing->candidates, &taken);
    *any = taken.list_count;
    if (!error && *any)
        error = choosing_measure(choosing, &size);
    if (!error && size.cost > spending->budget) {
        equal_runs_drop(&choosing->candidates, &taken);
        *any = false;
    } else {
        spending->low_size = size;
    }
    free(taken.list);
    return error;
}

/*
 * Repeats until nothing more can be taken. A build of the same tree, laid out like the result, then
 * finds nothing more to take either, and makes the same image.
 */
static int spend_rest(struct spending *spending)
{
    unsigned tries = 0;
    bool any = true;
    int error = 0;
    while (!error && any) {
        bool filled;
        any = false;
        error = fill(spending, &tries, &filled);
        if (!error && spending->choosing->options->kernel != CRAMFS_KERNEL_NOMMU)
            error = take_equal_runs(spending, &any);
        any |= filled;
    }
    return error;
}

/*
 * Takes the pages that stay in place, if the budget pays for all of these, and then as much of the
 * next step as the budget pays for. If that is not the whole step, sets *spent: fit_steps() must
 * not be called then. It might find that the budget pays for several further steps, though not for
 * the first of these alone. A second build with the same budget, laid out like the first, would
 * take these steps and move pages.
 */
static int keep_steps(struct spending *spending, bool *spent)
{
    struct budget_choosing *choosing = spending->choosing;
    struct candidates *candidates = &choosing->candidates;
    unsigned tries = 0;
    *spent = false;
    if (candidates->kept_steps == candidates->must_steps || choosing->kept.cost > spending->budget)
        return 0;
    candidates_take(candidates, candidates->kept_steps);
    spending->low = candidates->kept_steps;
    spending->low_size = choosing->kept;
    if (spending->low == candidates->steps_count)
        return 0;
    const struct budget_step *step = &candidates->steps[spending->low];
    int error = fill_step(spending, step, &tries);
    *spent = candidates->list[step->candidate].taken < step->to;
    spending->low += !*spent;
    return error;
}

static int spend_between(struct spending *spending)
{
    bool spent;
    int error = keep_steps(spending, &spent);
    return error || spent ? error : fit_steps(spending);
}

int spend(struct budget_choosing *choosing, uint64_t budget, uint64_t *cost)
{
    int error = choosing_keep(choosing, budget);
    if (error)
        return error;
    size_t steps = choosing->candidates.steps_count;
    struct spending spending = {
        .choosing = choosing,
        .budget = budget,
        .low = choosing->candidates.must_steps,
        .low_size = choosing->must,
        .over = steps,
        .over_size = choosing->all,
    };
    if (choosing->all.cost <= budget) {
        candidates_take(&choosing->candidates, steps);
        spending.low_size = choosing->all;
    } else if (choosing->must.cost > budget || spending.low == steps) {
        candidates_take(&choosing->candidates, spending.low);
    } else {
        error = spend_between(&spending);
    }
    if (!error && spending.low_size.cost <= budget)
        error = spend_rest(&spending);
    *cost = spending.low_size.cost;
    return error;
}
