/*
 * The order in which candidates are taken: the densest step first, of all that save anything.
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
