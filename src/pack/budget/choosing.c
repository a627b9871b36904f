#include "pack/budget/choosing.h"

#include <stdlib.h>

#include "base/array.h"
#include "pack/budget/kept_pages.h"
#include "pack/budget/order.h"

int choosing_measure_bare(const struct cramfs_tree *tree, const struct cramfs_plan_options *options,
                          struct encoded_tree *encoded, uint64_t *bare_size)
{
    struct measuring measuring;
    struct measured measured = {0};
    int error = measuring_begin(tree, options, encoded, &measuring);
    if (!error)
        error = measuring_size(&measuring, &measured);
    *bare_size = measured.size;
    measuring_end(&measuring);
    return error;
}

void choosing_apply(struct budget_choosing *choosing)
{
    struct encoded_tree *encoded = choosing->encoded;
    const struct candidates *candidates = &choosing->candidates;
    for (size_t i = 0; i < encoded->refs_count; i++)
        encoded->refs[i] = candidates->taken[i] ? encoded->placed[i] : candidates->normal[i];
}

int choosing_measure(struct budget_choosing *choosing, struct choice_size *size)
{
    struct measured measured = {0};
    int error = 0;
    if (!choosing->measuring.tree)
        error = measuring_begin(choosing->tree, choosing->options, choosing->encoded,
                                &choosing->measuring);
    choosing_apply(choosing);
    if (!error)
        error = measuring_size(&choosing->measuring, &measured);
    size->gap = measured.gap;
    size->cost = measured.size == UINT64_MAX           ? NO_IMAGE
                 : measured.size > choosing->bare_size ? measured.size - choosing->bare_size
                                                       : 0;
    return error;
}

/* Sums up the estimated costs of the steps. */
static int sum_steps(struct budget_choosing *choosing)
{
    const struct candidates *candidates = &choosing->candidates;
    free(choosing->sums);
    choosing->sums = array_create((uint64_t)candidates->steps_count + 1, sizeof(*choosing->sums));
    if (!choosing->sums)
        return -CRAMFS_ERR_MEMORY;
    choosing->sums[0] = 0;
    for (size_t i = 0; i < candidates->steps_count; i++)
        choosing->sums[i + 1] = choosing->sums[i] + candidates->steps[i].worth.cost;
    return 0;
}

static int measure_ends(struct budget_choosing *choosing)
{
    struct candidates *candidates = &choosing->candidates;
    int error = choosing_measure(choosing, &choosing->none);
    if (error)
        return error;
    choosing->must = choosing->kept = choosing->none;
    if (candidates->must_steps) {
        candidates_take(candidates, candidates->must_steps);
        error = choosing_measure(choosing, &choosing->must);
    }
    if (!error && candidates->kept_steps) {
        candidates_take(candidates, candidates->kept_steps);
        error = choosing_measure(choosing, &choosing->kept);
    }
    if (error)
        return error;
    candidates_take(candidates, candidates->steps_count);
    error = choosing_measure(choosing, &choosing->all);
    candidates_take(candidates, 0);
    return error;
}

static int list_steps(struct budget_choosing *choosing)
{
    int error = order_steps(&choosing->candidates);
    return error ? error : sum_steps(choosing);
}

int choosing_begin(const struct cramfs_tree *tree, const struct cramfs_plan_options *options,
                   struct encoded_tree *encoded, uint64_t bare_size,
                   struct budget_choosing *choosing)
{
    *choosing = (struct budget_choosing){
        .tree = tree, .options = options, .encoded = encoded, .bare_size = bare_size};
    int error = candidates_find(tree, options, encoded, &choosing->candidates);
    if (!error)
        error = kept_pages_find(&choosing->candidates);
    return error ? error : list_steps(choosing);
}

/*
 * In the older image, the kept pages of a file can be a part of another file's longer run, and take
 * no bytes. The layout measured here shares only runs that are equal as a whole, so it counts these
 * pages as separate copies. If the budget pays for the copies, all files keep these pages.
 * Otherwise only the file with the longest run keeps them.
 */
static int keep_alone(struct budget_choosing *choosing, bool alone)
{
    if (choosing->candidates.alone == alone)
        return 0;
    choosing->candidates.alone = alone;
    int error = list_steps(choosing);
    return error ? error : measure_ends(choosing);
}

int choosing_keep(struct budget_choosing *choosing, uint64_t budget)
{
    if (!choosing->measured) {
        int error = measure_ends(choosing);
        if (error)
            return error;
        choosing->all_kept_cost = choosing->kept.cost;
        choosing->measured = true;
    }
    return keep_alone(choosing, choosing->all_kept_cost > budget);
}

void choosing_end(struct budget_choosing *choosing)
{
    candidates_free(&choosing->candidates);
    measuring_end(&choosing->measuring);
    free(choosing->sums);
}

uint64_t choosing_budget(const struct cramfs_plan_options *options, uint64_t bare_size)
{
    uint64_t room = options->fit > bare_size ? options->fit - bare_size : 0;
    return options->fit && room < options->budget ? room : options->budget;
}
