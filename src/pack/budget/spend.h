/*
 * Spending a budget: which steps are taken for it.
 */
#ifndef CRAMFS_PACK_BUDGET_SPEND_H
#define CRAMFS_PACK_BUDGET_SPEND_H

#include "pack/budget/choosing.h"

/*
 * Takes as many steps, in their order, as a budget of flash pays for; then what still fits into the
 * rest, in the same order. The same budget has the same steps taken, whatever was taken before.
 * Fills in what they cost, which is over the budget only where what must be in place is, or cut
 * files alone are; then nothing else is taken. Returns 0 or -CRAMFS_ERR_MEMORY.
 */
int spend(struct budget_choosing *choosing, uint64_t budget, uint64_t *cost);

#endif
