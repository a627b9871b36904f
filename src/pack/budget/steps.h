/* The steps that could be taken next, the best one on top: a heap in candidates->heap. */
#ifndef CRAMFS_PACK_BUDGET_STEPS_H
#define CRAMFS_PACK_BUDGET_STEPS_H

#include "pack/budget/candidates.h"

/* Returns 0 or -CRAMFS_ERR_MEMORY. */
int steps_push(struct candidates *candidates, const struct budget_step *step);

/* Removes the best step from a heap that is not empty: the densest, ties by path and offset. */
struct budget_step steps_pop(struct candidates *candidates);

#endif
