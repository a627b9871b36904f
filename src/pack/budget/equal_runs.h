/*
 * Pages that cost nothing in place, since other files have a run of the same pages in place.
 */
#ifndef CRAMFS_PACK_BUDGET_EQUAL_RUNS_H
#define CRAMFS_PACK_BUDGET_EQUAL_RUNS_H

#include "pack/budget/candidates.h"

/* What was taken: free the list. */
struct equal_runs {
    struct equal_run {
        uint32_t candidate;
        uint32_t from; /* the prefix that was taken before */
    } * list;
    size_t list_count;
    size_t list_capacity;
};

/*
 * The layout shares runs that are equal as a whole. So if a prefix of candidates equals a taken
 * run, and no page after the prefix is taken, the prefix costs no page of flash. Takes these
 * prefixes. Returns 0 or -CRAMFS_ERR_MEMORY.
 */
int equal_runs_take(struct candidates *candidates, struct equal_runs *taken);

/* Undoes equal_runs_take(). */
void equal_runs_drop(struct candidates *candidates, const struct equal_runs *taken);

#endif
