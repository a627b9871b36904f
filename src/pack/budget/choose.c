#include "pack/budget/choose.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "pack/budget/candidates.h"
#include "pack/budget/order.h"
#include "pack/layout/arrange.h"
#include "pack/layout/layout.h"

struct budget_choosing {
    const struct cramfs_tree *tree;
    const struct cramfs_plan_options *options;
    struct encoded_tree *encoded;
    struct cramfs_budget_summary *summary;
    struct candidates candidates;
    uint64_t bare_size; /* of the image with nothing in place */
    uint64_t budget;    /* bytes that the choice may add to that */
};

/* Has encoded->refs say what is taken. */
static void apply(struct budget_choosing *choosing)
{
    struct encoded_tree *encoded = choosing->encoded;
    const struct candidates *candidates = &choosing->candidates;
    for (size_t i = 0; i < encoded->refs_count; i++)
        encoded->refs[i] = candidates->taken[i] ? encoded->placed[i] : candidates->normal[i];
}

/* The size that the layout gives the image with what is taken; UINT64_MAX when it fits in none. */
static int measure(struct budget_choosing *choosing, uint64_t *size)
{
    struct arrangement arrangement = {0};
    struct layout layout = {0};
    struct cramfs_diags unheard = {0};
    apply(choosing);
    int error =
        arrange(choosing->tree, choosing->options, choosing->encoded, &arrangement, &unheard);
    if (!error)
        error = lay_out(choosing->tree, choosing->options, choosing->encoded, &arrangement, &layout,
                        &unheard);
    *size = error ? UINT64_MAX : layout.image_size;
    layout_free(&layout);
    arrangement_free(&arrangement);
    cramfs_diags_free(&unheard);
    return error == -CRAMFS_ERR_LIMIT ? 0 : error;
}

static int measure_cost(struct budget_choosing *choosing, uint64_t *cost)
{
    uint64_t size;
    int error = measure(choosing, &size);
    *cost = size == UINT64_MAX           ? UINT64_MAX
            : size > choosing->bare_size ? size - choosing->bare_size
                                         : 0;
    return error;
}

/* The most steps, in their order, that the budget pays for. */
static int fit_steps(struct budget_choosing *choosing, size_t *fitting, uint64_t *cost)
{
    size_t low = 0;
    size_t high = choosing->candidates.steps_count;
    *cost = 0;
    while (low < high) {
        size_t middle =
            high == choosing->candidates.steps_count && !low ? high : low + (high - low + 1) / 2;
        uint64_t found;
        candidates_take(&choosing->candidates, middle);
        int error = measure_cost(choosing, &found);
        if (error)
            return error;
        if (middle == choosing->candidates.steps_count)
            choosing->summary->full_cost = found == UINT64_MAX ? 0 : found;
        if (found <= choosing->budget) {
            low = middle;
            *cost = found;
        } else {
            high = middle - 1;
        }
    }
    *fitting = low;
    candidates_take(&choosing->candidates, low);
    return 0;
}

/* The longest part of the step that an estimate of its price says will fit. */
static uint32_t part_within(const struct budget_choosing *choosing, const struct budget_step *step,
                            uint64_t budget)
{
    const struct candidate *candidate = &choosing->candidates.list[step->candidate];
    uint32_t to = step->to;
    if (choosing->options->kernel == CRAMFS_KERNEL_NOMMU)
        return curve_between(candidate->curve, step->from, to).cost <= budget ? to : step->from;
    while (to > step->from && curve_between(candidate->curve, step->from, to).cost > budget)
        to--;
    while (to > step->from && !curve_between(candidate->curve, to - 1, to).gain)
        to--; /* a page that saves nothing is worth no byte at the end */
    return to;
}

/* Each try lays the image out once. */
enum { MOST_TRIES = 48 };

/* What is left of the budget goes to what still fits, in the order of the steps. */
static int fill(struct budget_choosing *choosing, size_t from, uint64_t *cost)
{
    unsigned tries = 0;
    for (size_t i = from; i < choosing->candidates.steps_count && tries < MOST_TRIES; i++) {
        const struct budget_step *step = &choosing->candidates.steps[i];
        struct candidate *candidate = &choosing->candidates.list[step->candidate];
        if (candidate->taken != step->from)
            continue; /* something before it on its curve is missing */
        /* Padding can swallow up to a page of what a part costs by itself. */
        uint64_t left = choosing->budget - *cost + choosing->options->page_size - 1;
        uint32_t to = part_within(choosing, step, left);
        while (to > step->from && tries++ < MOST_TRIES) {
            uint64_t found;
            candidates_mark(&choosing->candidates, candidate, step->from, to, false);
            int error = measure_cost(choosing, &found);
            if (error)
                return error;
            if (found <= choosing->budget) {
                candidate->taken = to;
                *cost = found;
                break;
            }
            candidates_mark(&choosing->candidates, candidate, step->from, to, true);
            to = choosing->options->kernel == CRAMFS_KERNEL_NOMMU
                     ? step->from
                     : part_within(choosing, step,
                                   curve_between(candidate->curve, step->from, to).cost - 1);
        }
    }
    return 0;
}

/* Whether the profile has that page of the inode; several inodes of one content have their paths.
 */
static bool is_touched(const struct budget_choosing *choosing, uint32_t number, uint32_t page)
{
    const struct candidates *candidates = &choosing->candidates;
    uint32_t index = choosing->encoded->content_of_node[number];
    const struct content *content = &choosing->encoded->contents[index];
    if (candidates->inodes[index] == 1)
        return candidates->gains[content->first_ref + page];
    char *path = cramfs_node_path(choosing->tree->nodes[number]);
    const struct cramfs_profile_file *file =
        path ? cramfs_profile_find(choosing->options->profile, path) : NULL;
    uint32_t page_size = choosing->options->page_size;
    free(path);
    return file && cramfs_profile_touches(file, (uint64_t)page * page_size, page_size);
}

/* What one file's decision came to. */
static void summarize_node(struct budget_choosing *choosing, uint32_t number)
{
    const struct candidates *candidates = &choosing->candidates;
    uint32_t index = choosing->encoded->content_of_node[number];
    if (index == NO_CONTENT || !S_ISREG(choosing->tree->nodes[number]->mode))
        return;
    struct cramfs_selection *selection = selection_of(choosing->encoded, number);
    if (selection->reason != CRAMFS_SELECTED)
        return;
    const struct content *content = &choosing->encoded->contents[index];
    uint32_t possible = selection->pages;
    selection->pages = 0;
    for (uint32_t i = 0; i < content->refs_count; i++) {
        size_t ref = content->first_ref + i;
        if (!candidates->taken[ref])
            continue;
        selection->pages++;
        if (choosing->options->profile && candidates->leads[number])
            choosing->summary->touched_pages += is_touched(choosing, number, i);
        if (candidates->first_node[index] == number)
            selection->flash_cost += candidates_page_cost(candidates, index, ref);
    }
    if (!selection->pages)
        selection->reason = CRAMFS_SELECTION_NOT_WORTH;
    if (!candidates->leads[number])
        return;
    selection->ram_saved = (uint64_t)selection->pages * choosing->options->page_size;
    choosing->summary->pages += selection->pages;
    choosing->summary->left_pages += possible - selection->pages;
}

static void summarize_next_step(struct budget_choosing *choosing)
{
    const struct candidates *candidates = &choosing->candidates;
    for (size_t i = 0; i < candidates->steps_count; i++) {
        const struct budget_step *step = &candidates->steps[i];
        const struct candidate *candidate = &candidates->list[step->candidate];
        if (candidate->taken < step->from || candidate->taken >= step->to)
            continue;
        struct worth worth = curve_between(candidate->curve, candidate->taken, step->to);
        choosing->summary->next_node = candidate->first_node;
        choosing->summary->next_offset =
            ((uint64_t)candidate->first_page + candidate->taken) * choosing->options->page_size;
        choosing->summary->next_pages = step->to - candidate->taken;
        choosing->summary->next_cost = worth.cost;
        return;
    }
}

/* The budget, or what the bound of options->fit leaves over the image with nothing in place. */
static uint64_t budget_over(const struct cramfs_plan_options *options, uint64_t bare_size)
{
    uint64_t room = options->fit > bare_size ? options->fit - bare_size : 0;
    return options->fit && room < options->budget ? room : options->budget;
}

static int choose_pages(struct budget_choosing *choosing)
{
    size_t steps = 0;
    uint64_t cost = 0;
    int error = measure(choosing, &choosing->bare_size);
    choosing->budget = budget_over(choosing->options, choosing->bare_size);
    choosing->summary->bare_size = choosing->bare_size;
    if (!error)
        error = fit_steps(choosing, &steps, &cost);
    if (!error)
        error = fill(choosing, steps, &cost);
    choosing->summary->cost = cost;
    return error;
}

int choose_trial(const struct cramfs_tree *tree, const struct cramfs_plan_options *options,
                 struct encoded_tree *encoded, struct choice_worth *worth)
{
    struct cramfs_budget_summary unheard = {0};
    struct budget_choosing choosing = {
        .tree = tree, .options = options, .encoded = encoded, .summary = &unheard};
    struct candidates *candidates = &choosing.candidates;
    int error = candidates_find(tree, options, encoded, candidates);
    if (!error)
        error = order_steps(candidates);
    if (!error)
        error = choose_pages(&choosing);
    *worth = (struct choice_worth){.cost = unheard.cost};
    for (size_t i = 0; !error && i < encoded->refs_count; i++) {
        if (!candidates->taken[i] || !candidates->gains[i])
            continue;
        worth->pages++;
        worth_add_gain(&worth->gain, candidates->gains[i]);
    }
    candidates_free(candidates);
    return error;
}

int choose(const struct cramfs_tree *tree, const struct cramfs_plan_options *options,
           struct encoded_tree *encoded, struct cramfs_budget_summary *summary)
{
    struct budget_choosing choosing = {
        .tree = tree, .options = options, .encoded = encoded, .summary = summary};
    *summary = (struct cramfs_budget_summary){0};
    int error = candidates_find(tree, options, encoded, &choosing.candidates);
    if (!error)
        error = order_steps(&choosing.candidates);
    if (!error)
        error = choose_pages(&choosing);
    if (!error) {
        apply(&choosing);
        for (uint32_t i = 0; i < tree->nodes_count; i++)
            summarize_node(&choosing, i);
        summarize_next_step(&choosing);
    }
    candidates_free(&choosing.candidates);
    return error;
}
