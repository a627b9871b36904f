/*
 * Placing runs in place: what its files share.
 */
#ifndef CRAMFS_PACK_LIKE_RUNS_H
#define CRAMFS_PACK_LIKE_RUNS_H

#include "pack/like/place.h"

/* Pieces of one run, in place or to be placed. */
struct run {
    uint32_t first; /* piece */
    uint32_t count;
    uint64_t offset; /* while it has one */
    uint64_t length; /* with the zeroes behind the file's end */
    bool gathered;   /* see spare_erase_blocks.c */
};

/*
 * Free room that runs fit into, in lists by how many pages it has: so the smallest that is long
 * enough is found without a look at the others.
 */
struct run_gaps {
    struct run_gap *gaps;
    size_t gaps_count;
    size_t gaps_capacity;
    uint32_t *lists;
};

struct running {
    struct placing *placing;
    struct run *runs; /* to be placed, the longest first */
    size_t runs_count;
    size_t runs_capacity;
    struct run *fixed; /* that stay, and could make way, in order of offset */
    size_t fixed_count;
    size_t fixed_capacity;
    struct run_gaps gaps;
    unsigned evictions;
};

static inline uint32_t page_size_of(const struct placing *placing)
{
    return placing->options->page_size;
}

/* Lists all that is free by now. Returns 0 or -CRAMFS_ERR_MEMORY. */
int run_gaps_list(struct run_gaps *gaps, const struct placing *placing);

/*
 * Finds where the run makes the fewest more erase blocks differ (of a gathered one: none), and
 * takes that gap out. Returns false when there is none.
 */
bool run_gaps_take(struct run_gaps *gaps, const struct placing *placing, const struct run *run,
                   struct span *gap, uint64_t *offset);

/* Adds what is left of a gap. Returns 0 or -CRAMFS_ERR_MEMORY. */
int run_gaps_add(struct run_gaps *gaps, const struct placing *placing, struct span span);
void run_gaps_free(struct run_gaps *gaps);

/*
 * Of runs that are rewritten where they are, has those find a new place that spare erase blocks so.
 * The erase blocks of the others are marked. Returns 0 or -CRAMFS_ERR_MEMORY.
 */
int gather_runs(struct running *running);

/*
 * Has shorter runs make way for one of `length` bytes, those that are fewest bytes together; they
 * are then to be placed as well. *offset is where it can go: 0 when that is not worth it. Returns 0
 * or -CRAMFS_ERR_MEMORY.
 */
int evict_runs(struct running *running, uint64_t length, uint64_t *offset);

#endif
