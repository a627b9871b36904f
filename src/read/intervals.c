#include "read/intervals.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/hash.h"
#include "cramfs/diag.h"

static struct interval *at(const struct intervals *intervals, uint32_t link)
{
    return &intervals->list[link - 1];
}

/*
 * The interval in the way of [begin, end). No two intervals overlap, so the order is that of their
 * beginnings.
 */
static int find(const struct intervals *intervals, uint64_t begin, uint64_t end, uint32_t *other)
{
    for (uint32_t link = intervals->root; link;) {
        const struct interval *here = at(intervals, link);
        if (end <= here->begin) {
            link = here->left;
        } else if (begin >= here->end) {
            link = here->right;
        } else {
            *other = here->owner;
            return begin == here->begin && end == here->end ? INTERVAL_SAME : INTERVAL_OVERLAP;
        }
    }
    return INTERVAL_FREE;
}

/* Splits the tree at `root` into the intervals before `begin` and the rest. */
static void split(struct intervals *intervals, uint32_t root, uint64_t begin, uint32_t *before,
                  uint32_t *after)
{
    while (root) {
        struct interval *here = at(intervals, root);
        if (here->begin < begin) {
            *before = root;
            before = &here->right;
            root = here->right;
        } else {
            *after = root;
            after = &here->left;
            root = here->left;
        }
    }
    *before = 0;
    *after = 0;
}

int intervals_add(struct intervals *intervals, uint64_t begin, uint64_t end, uint32_t owner,
                  uint32_t *other)
{
    int found = find(intervals, begin, end, other);
    if (found != INTERVAL_FREE)
        return found;
    if (!ARRAY_GROW(intervals, list))
        return -CRAMFS_ERR_MEMORY;
    struct interval added = {
        .begin = begin, .end = end, .priority = hash_mix(begin, end), .owner = owner};
    intervals->list[intervals->list_count++] = added;
    uint32_t number = (uint32_t)intervals->list_count;

    /* Down to the first interval of lower priority; the new one replaces it and takes its subtrees.
     */
    uint32_t *link = &intervals->root;
    while (*link && at(intervals, *link)->priority >= added.priority)
        link = begin < at(intervals, *link)->begin ? &at(intervals, *link)->left
                                                   : &at(intervals, *link)->right;
    split(intervals, *link, begin, &at(intervals, number)->left, &at(intervals, number)->right);
    *link = number;
    return INTERVAL_FREE;
}

void intervals_free(struct intervals *intervals)
{
    free(intervals->list);
    memset(intervals, 0, sizeof(*intervals));
}
