/*
 * Spending a budget: which steps are taken for it.
 */
#ifndef CRAMFS_PACK_BUDGET_SPEND_H
#define CRAMFS_PACK_BUDGET_SPEND_H

#include "pack/budget/choosing.h"

/* The most steps, in their order, whose estimated costs sum up to at most `sum`. */
size_t spend_estimate(const struct budget_choosing *choosing, uint64_t sum);

/*
 * Takes as many steps, in their order, as the budget of flash pays for; then, in the same order,
 * steps and parts of steps for which the rest is enough. The result does not depend on the steps
 * that were taken before. Sets *cost to the cost of the steps. It is over the budget only if the
 * pages that must be in place, or the cut files alone, cost more; then nothing else is taken.
 * Returns 0 or -CRAMFS_ERR_MEMORY.
 */
int spend(struct budget_choosing *choosing, uint64_t budget, uint64_t *cost);

#endif
