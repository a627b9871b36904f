/* The best cuts of one segment: a pure function of the gains and costs of its pages. */
#ifndef CRAMFS_PACK_BUDGET_CUTS_CUT_SEGMENT_H
#define CRAMFS_PACK_BUDGET_CUTS_CUT_SEGMENT_H

#include <stddef.h>
#include <stdint.h>

/* The cuts of a segment, and their worth. */
struct segment_cuts {
    uint32_t *cuts; /* the caller's, with room for the most cuts; pages, ascending */
    size_t count;
    uint64_t cost; /* of the pages in place */
    int64_t worth; /* the values of the pages in place, less the cuts; 0 with none in place */
    /*
     * NULL, or the caller's list, from 0 to the most cuts. Adds to more[k] how many more cuts are
     * made with a limit of k cuts than with a limit of k - 1.
     */
    uint32_t *more;
};

/*
 * `value` is, for each of `count` pages, its worth in place less its cost; the first page must be
 * in place if any is. Sets `found`: the pages at which to cut, at most `most`, each for `cut_cost`;
 * none when it is best to have nothing in place. found->cost is the sum of `page_cost` over the
 * pages in place. Of equal choices, takes the one with fewer cuts. Time and memory are count *
 * most. Returns 0 or -CRAMFS_ERR_MEMORY.
 */
int cut_segment(const int64_t *value, const uint64_t *page_cost, uint32_t count, uint32_t most,
                int64_t cut_cost, struct segment_cuts *found);

#endif
