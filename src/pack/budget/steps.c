#include "pack/budget/steps.h"

#include "base/array.h"
#include "cramfs/diag.h"

static bool goes_before(const struct candidates *candidates, const struct budget_step *a,
                        const struct budget_step *b)
{
    if (worth_more(&a->worth, &b->worth))
        return true;
    if (worth_more(&b->worth, &a->worth))
        return false;
    const struct candidate *first = &candidates->list[a->candidate];
    const struct candidate *second = &candidates->list[b->candidate];
    if (first->first_node != second->first_node)
        return first->first_node < second->first_node;
    if (first->offset != second->offset)
        return first->offset < second->offset;
    return a->candidate < b->candidate;
}

static void swap_steps(struct budget_step *a, struct budget_step *b)
{
    struct budget_step kept = *a;
    *a = *b;
    *b = kept;
}

int steps_push(struct candidates *candidates, const struct budget_step *step)
{
    if (!ARRAY_GROW(candidates, heap))
        return -CRAMFS_ERR_MEMORY;
    size_t at = candidates->heap_count++;
    candidates->heap[at] = *step;
    while (at && goes_before(candidates, &candidates->heap[at], &candidates->heap[(at - 1) / 2])) {
        swap_steps(&candidates->heap[at], &candidates->heap[(at - 1) / 2]);
        at = (at - 1) / 2;
    }
    return 0;
}

struct budget_step steps_pop(struct candidates *candidates)
{
    struct budget_step top = candidates->heap[0];
    candidates->heap[0] = candidates->heap[--candidates->heap_count];
    for (size_t at = 0;;) {
        size_t best = at;
        for (size_t child = 2 * at + 1; child <= 2 * at + 2; child++) {
            if (child < candidates->heap_count &&
                goes_before(candidates, &candidates->heap[child], &candidates->heap[best]))
                best = child;
        }
        if (best == at)
            return top;
        swap_steps(&candidates->heap[at], &candidates->heap[best]);
        at = best;
    }
}
