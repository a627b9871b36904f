/*
 * Pages that cost no flash in place, since other files have a run of the same pages in place.
 */
#ifndef CRAMFS_PACK_BUDGET_EQUAL_RUNS_H
#define CRAMFS_PACK_BUDGET_EQUAL_RUNS_H

#include "pack/budget/candidates.h"

/* What equal_runs_take() took: free the list. */
struct equal_runs {
    struct equal_run {
        uint32_t candidate;
        uint32_t from; /* the prefix that was taken before */
    } * list;
    size_t list_count;
    size_t list_capacity;
};

/*
 * The layout shares runs that are equal as a whole. So if the first pages of adjacent candidates
 * equal a taken run, and the page after these is not taken, the pages cost no page of flash. Takes
 * all such pages. Returns 0 or -CRAMFS_ERR_MEMORY.
 */
int equal_runs_take(struct candidates *candidates, struct equal_runs *taken);

/* Undoes equal_runs_take(). */
void equal_runs_drop(struct candidates *candidates, const struct equal_runs *taken);

#endif
