/*
 * The order in which candidates are taken: pages that must be in place, then pages that an older
 * image has in place, then all others that save anything. In each group the densest step comes
 * first.
 */
#ifndef CRAMFS_PACK_BUDGET_ORDER_H
#define CRAMFS_PACK_BUDGET_ORDER_H

#include "pack/budget/candidates.h"

/*
 * Lists the steps of candidates in their order, as if the budget were unlimited; afterwards none is
 * taken. Returns 0 or -CRAMFS_ERR_MEMORY.
 */
int order_steps(struct candidates *candidates);

#endif
