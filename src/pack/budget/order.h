/*
 * The order in which candidates are taken: what must be in place, then what an older image has
 * there, then all else that saves anything; of each the densest step first.
 */
#ifndef CRAMFS_PACK_BUDGET_ORDER_H
#define CRAMFS_PACK_BUDGET_ORDER_H

#include "pack/budget/candidates.h"

/*
 * Lists the steps of candidates that were just found, in their order, as if the budget had no end;
 * then none is taken. Returns 0 or -CRAMFS_ERR_MEMORY.
 */
int order_steps(struct candidates *candidates);

#endif
