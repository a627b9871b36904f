/*
 * Cuts: where to cut the read-only segments of ELF files, by a profile.
 *
 * A price is how many bytes of flash a touch is worth. At a price, the best cuts of each segment
 * are those with the highest sum: the gain of its pages in place, less their cost, less the cost of
 * one more mapping in each process for each cut. They are found page by page for each number of
 * cuts (dynamic programming). The right price for a budget is one at which the budget is spent.
 */
#ifndef CRAMFS_PACK_BUDGET_CUTS_CUTS_H
#define CRAMFS_PACK_BUDGET_CUTS_CUTS_H

#include "pack/budget/candidates.h"

/* The cuts of one content: pages of the file, ascending. */
struct content_cuts {
    uint32_t content;
    uint32_t *pages;
    size_t count;
};

struct cuts {
    struct content_cuts *list; /* by content, ascending; each with at least one cut */
    size_t list_count;
    size_t list_capacity;
    uint64_t cost; /* an estimate of the flash for all pages worth being in place, cut or not */
};

/* At this price one touch is worth more flash than any file can take. */
#define CUTS_MOST_PRICE ((uint64_t)1 << 25)

/*
 * Finds the cuts at a price. `candidates` are those of the tree without cuts; the decisions of its
 * files say how many cuts each allows. Returns 0 or -CRAMFS_ERR_MEMORY; free it in any case.
 */
int cuts_find(const struct candidates *candidates, uint64_t price, struct cuts *cuts);
void cuts_free(struct cuts *cuts);

#endif
