/*
 * What a choice came to, for each file and as a whole.
 */
#ifndef CRAMFS_PACK_BUDGET_SUMMARISE_CHOICE_H
#define CRAMFS_PACK_BUDGET_SUMMARISE_CHOICE_H

#include "pack/budget/choosing.h"

/*
 * Of what is taken, for `cost` bytes of flash: fills in the selections of all nodes, whose shares
 * of the cost add up to it, and the summary.
 */
void summarise_choice(struct budget_choosing *choosing, uint64_t cost,
                      struct cramfs_budget_summary *summary);

#endif
