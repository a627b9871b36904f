/*
 * Pages that are in place for nothing, since other files have a run of the same pages there.
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
 * The layout shares runs that are equal as a whole. So where a prefix of candidates equals a run
 * that is taken, and nothing after it is taken, the prefix costs no page of flash: this takes it.
 * Returns 0 or -CRAMFS_ERR_MEMORY.
 */
int equal_runs_take(struct candidates *candidates, struct equal_runs *taken);

/* Undoes it. */
void equal_runs_drop(struct candidates *candidates, const struct equal_runs *taken);

#endif
