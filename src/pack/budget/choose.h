/*
 * Choosing: which of the pages that could go in place do so, for a budget of flash.
 *
 * The cost of a choice is measured by the layout: the image's size with the choice, less its size
 * with nothing in place and no file cut. Every reported flash cost means this; the shares of files
 * add up to it. A choice saves RAM: a page for each inode that maps it, or the touches of a
 * profile. Mappings are taken prefix by prefix along the hulls of their curves, the densest step
 * first, ties by path and offset. The rest of the budget is filled with parts that are small
 * enough. Without an MMU a mapping is taken as a whole.
 */
#ifndef CRAMFS_PACK_BUDGET_CHOOSE_H
#define CRAMFS_PACK_BUDGET_CHOOSE_H

#include "pack/blocks/encode.h"

/* What a choice saves and costs. */
struct choice_worth {
    uint64_t gain;  /* touches of pages in place */
    uint64_t pages; /* touched pages in place; those of inodes with one content count once */
    uint64_t cost;  /* of flash, bytes */
};

struct budget_choosing;

/*
 * Takes the pages that are best for the budget; what this saves and costs is in *worth. Changes
 * only encoded->refs. Returns 0 or -CRAMFS_ERR_MEMORY.
 */
int choose_trial(struct budget_choosing *choosing, uint64_t budget, struct choice_worth *worth);

/*
 * Makes the refs of the taken pages those of blocks in place, for `cost` bytes of flash. Sets the
 * selections of all nodes, and the summary.
 */
void choose_apply(struct budget_choosing *choosing, uint64_t cost,
                  struct cramfs_budget_summary *summary);

/* Both. Serves for several budgets one after the other, from the tree as it was encoded. */
int choose_for_budget(struct budget_choosing *choosing, uint64_t budget,
                      struct cramfs_budget_summary *summary);

/*
 * Chooses for the budget of the options. `bare_size` is from choosing_measure_bare(). Returns 0 or
 * -CRAMFS_ERR_MEMORY.
 */
int choose(const struct cramfs_tree *tree, const struct cramfs_plan_options *options,
           struct encoded_tree *encoded, uint64_t bare_size, struct cramfs_budget_summary *summary);

#endif
