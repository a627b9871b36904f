/*
 * Cuts: where the read-only segments of ELF files are to be cut in several, by a profile.
 *
 * A price says how many bytes of flash a touch is worth. At a price, the best cuts of each segment
 * are those for which what its pages in place gain is most above what they cost, and each cut
 * a mapping in each process: found page by page, with so many cuts left (dynamic programming). The
 * right price for a budget is one at which it is spent.
 */
#ifndef CRAMFS_PACK_BUDGET_CUTS_H
#define CRAMFS_PACK_BUDGET_CUTS_H

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
    uint64_t cost; /* an estimate of what all pages in place that they are for take of flash */
};

/* Worth all that there is of flash for any touch. */
#define CUTS_MOST_PRICE ((uint64_t)1 << 25)

/*
 * Finds the cuts at a price. `candidates` are of the tree without cuts; its files' decisions say
 * how many each allows. Returns 0 or -CRAMFS_ERR_MEMORY; free it in any case.
 */
int cuts_find(const struct candidates *candidates, uint64_t price, struct cuts *cuts);
void cuts_free(struct cuts *cuts);

#endif
