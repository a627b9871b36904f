#include "pack/budget/order.h"

#include "base/array.h"
#include "base/saturate.h"
#include "pack/budget/steps.h"

static void add_joined(struct candidates *candidates, uint32_t content, size_t ref, void *context)
{
    struct worth *sum = context;
    if (candidates->taken[ref])
        return;
    saturating_add(&sum->gain, candidates->gains[ref]);
    sum->cost += candidates_page_cost(candidates, content, ref);
}

/*
 * A page that is already in place for another mapping costs nothing more, and saves nothing more.
 */
static void draw_curve(struct candidates *candidates, struct candidate *candidate)
{
    const struct content *content = &candidates->encoded->contents[candidate->content];
    struct worth sum = {0, 0};
    candidate->curve[0] = sum;
    candidates_visit_joined(candidates, candidate, add_joined, &sum);
    for (uint32_t i = 0; i < candidate->pages; i++) {
        size_t ref = content->first_ref + candidate->first_page + i;
        if (!candidates->taken[ref] || i < candidate->taken) {
            saturating_add(&sum.gain, candidates->gains[ref]);
            sum.cost += candidates_page_cost(candidates, candidate->content, ref);
        }
        candidate->curve[i + 1] = sum;
    }
    if (candidates->options->kernel == CRAMFS_KERNEL_NOMMU) {
        for (uint32_t i = 0; i <= candidate->reach; i++)
            candidate->next[i] = candidate->reach;
    } else {
        curve_hull(candidate->curve, candidate->reach, candidate->next);
    }
    candidate->version++;
}

/* The prefix that stays in place. */
static uint32_t kept_of(const struct candidates *candidates, const struct candidate *candidate)
{
    return candidates->alone ? candidate->kept_alone : candidate->kept;
}

/*
 * Offers the candidate's next step if it saves anything. Pages that must be in place, or stay
 * there, are offered even if they save nothing.
 */
static int offer(struct candidates *candidates, size_t number)
{
    const struct candidate *candidate = &candidates->list[number];
    if (candidate->taken >= candidate->reach)
        return 0;
    struct budget_step step = {
        .candidate = (uint32_t)number,
        .version = candidate->version,
        .from = candidate->taken,
        .to = candidate->next[candidate->taken],
    };
    step.worth = curve_between(candidate->curve, step.from, step.to);
    bool firm = candidate->must > step.from || kept_of(candidates, candidate) > step.from;
    return step.worth.gain || firm ? steps_push(candidates, &step) : 0;
}

static bool is_joined(const struct candidate *candidate)
{
    return candidate->joins[0] || candidate->joins[1];
}

/*
 * Other candidates of the same file may share pages with this one, or the first pages of mappings
 * that they continue. Draws their curves again.
 */
static int renew_neighbours(struct candidates *candidates, size_t number, bool first_step)
{
    const struct candidate *candidate = &candidates->list[number];
    uint32_t content = candidate->content;
    int error = 0;
    for (size_t i = candidates->first_candidate[content];
         !error && i < candidates->first_candidate[content + 1]; i++) {
        struct candidate *other = &candidates->list[i];
        bool apart = other->first_page >= candidate->first_page + candidate->pages ||
                     candidate->first_page >= other->first_page + other->pages;
        bool joined = first_step && (is_joined(candidate) || is_joined(other));
        if (i == number || (apart && !joined))
            continue;
        draw_curve(candidates, other);
        error = offer(candidates, i);
    }
    return error;
}

static int list_steps(struct candidates *candidates)
{
    while (candidates->heap_count) {
        struct budget_step step = steps_pop(candidates);
        struct candidate *candidate = &candidates->list[step.candidate];
        if (step.version != candidate->version || step.from != candidate->taken)
            continue; /* its curve was drawn again, and its next step offered */
        if (!ARRAY_GROW(candidates, steps))
            return -CRAMFS_ERR_MEMORY;
        candidates->steps[candidates->steps_count++] = step;
        candidate->taken = step.to;
        candidates_mark(candidates, candidate, step.from, step.to, false);
        int error = renew_neighbours(candidates, step.candidate, step.from == 0);
        if (!error)
            error = offer(candidates, step.candidate);
        if (error)
            return error;
    }
    return 0;
}

/*
 * Which pages the steps may take; steps are listed for each of these in turn. Pages that make a
 * kept run longer come last: the run has no room where it is, so it moves, and makes more erase
 * blocks differ.
 */
enum reach {
    REACH_MUST, /* pages that must be in place */
    REACH_KEPT, /* also pages that stay in place */
    REACH_NEW,  /* also all pages of mappings without pages that stay */
    REACH_ALL,
};

static uint32_t reach_of(const struct candidates *candidates, const struct candidate *candidate,
                         enum reach reach)
{
    uint32_t kept = kept_of(candidates, candidate);
    if (reach == REACH_ALL || (reach == REACH_NEW && !kept))
        return candidate->pages;
    return reach >= REACH_KEPT && kept > candidate->must ? kept : candidate->must;
}

static int list_to(struct candidates *candidates, enum reach reach)
{
    int error = 0;
    bool any = false;
    for (size_t i = 0; i < candidates->list_count; i++) {
        candidates->list[i].reach = reach_of(candidates, &candidates->list[i], reach);
        any |= candidates->list[i].reach > candidates->list[i].taken;
    }
    for (size_t i = 0; any && !error && i < candidates->list_count; i++) {
        draw_curve(candidates, &candidates->list[i]);
        error = offer(candidates, i);
    }
    return error ? error : list_steps(candidates);
}

int order_steps(struct candidates *candidates)
{
    candidates_take(candidates, 0);
    candidates->steps_count = 0;
    int error = list_to(candidates, REACH_MUST);
    candidates->must_steps = candidates->steps_count;
    if (!error)
        error = list_to(candidates, REACH_KEPT);
    candidates->kept_steps = candidates->steps_count;
    if (!error && candidates->options->like)
        error = list_to(candidates, REACH_NEW);
    if (!error)
        error = list_to(candidates, REACH_ALL);
    if (!error)
        candidates_take(candidates, 0);
    return error;
}
