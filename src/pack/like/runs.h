/* Placing runs in place: the state that its files share. */
#ifndef CRAMFS_PACK_LIKE_RUNS_H
#define CRAMFS_PACK_LIKE_RUNS_H

#include "pack/like/place.h"

/* Pieces of one run, which has a place or needs one. */
struct run {
    uint32_t first; /* piece */
    uint32_t count;
    uint64_t offset; /* its old or new place, if it has one */
    uint64_t length; /* with the zeroes after the file's end */
    bool gathered;   /* moved to spare an erase block: see spare_erase_blocks.c */
};

/*
 * Free room for runs, in lists by the number of pages: so the smallest gap that is long enough is
 * found without reading the others.
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
    uint64_t needed;   /* bytes of the runs that are still to be placed */
    struct run *fixed; /* runs that stay, and could move, in order of offset */
    size_t fixed_count;
    size_t fixed_capacity;
    struct run_gaps gaps;
    unsigned evictions;
};

static inline uint32_t page_size_of(const struct placing *placing)
{
    return placing->options->page_size;
}

/* Lists all room that is free now. Returns 0 or -CRAMFS_ERR_MEMORY. */
int run_gaps_list(struct run_gaps *gaps, const struct placing *placing);

/*
 * Finds the gap and the place in it where the run makes the fewest more erase blocks differ (for a
 * gathered run: none), and removes the gap from its list. Of equal gaps it takes one that has room
 * for `together` bytes, so that later runs make the same erase blocks differ; then the shortest.
 * Returns false when there is none.
 */
bool run_gaps_take(struct run_gaps *gaps, const struct placing *placing, const struct run *run,
                   uint64_t together, struct span *gap, uint64_t *offset);

/* Adds the rest of a gap. Returns 0 or -CRAMFS_ERR_MEMORY. */
int run_gaps_add(struct run_gaps *gaps, const struct placing *placing, struct span span);
void run_gaps_free(struct run_gaps *gaps);

/*
 * Decides which of the runs that are rewritten where they are move, to spare erase blocks. Marks
 * the erase blocks of the others. Returns 0 or -CRAMFS_ERR_MEMORY.
 */
int gather_runs(struct running *running);

/*
 * Makes room for a run of `length` bytes: the shorter runs that have the fewest bytes together
 * move, and must then be placed, too. *offset is where the run can go: 0 when it is not worth it.
 * Returns 0 or -CRAMFS_ERR_MEMORY.
 */
int evict_runs(struct running *running, uint64_t length, uint64_t *offset);

#endif
