/* The result of a choice, for each file and as a whole. */
#ifndef CRAMFS_PACK_BUDGET_SUMMARISE_CHOICE_H
#define CRAMFS_PACK_BUDGET_SUMMARISE_CHOICE_H

#include "pack/budget/choosing.h"

/*
 * Sets the selections of all nodes and the summary from the steps that are taken, for `cost` bytes
 * of flash. The shares of the nodes add up to the cost.
 */
void summarise_choice(struct budget_choosing *choosing, uint64_t cost,
                      struct cramfs_budget_summary *summary);

#endif
