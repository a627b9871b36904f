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

/*
 * Chooses and measures. Changes only encoded->refs: the caller restores them from a copy of the
 * tree, or calls choose(). `bare_size` is from choosing_measure_bare(), as in choose().
 */
int choose_trial(const struct cramfs_tree *tree, const struct cramfs_plan_options *options,
                 struct encoded_tree *encoded, uint64_t bare_size, struct choice_worth *worth);

struct budget_choosing;

/*
 * As choose(), but with the state of choosing_begin(), which serves for several budgets one after
 * the other.
 */
int choose_for_budget(struct budget_choosing *choosing, uint64_t budget,
                      struct cramfs_budget_summary *summary);

/*
 * Chooses, and makes the refs of the chosen pages those of blocks in place. Sets the selections of
 * all nodes, and the summary. Returns 0 or -CRAMFS_ERR_MEMORY.
 */
int choose(const struct cramfs_tree *tree, const struct cramfs_plan_options *options,
           struct encoded_tree *encoded, uint64_t bare_size, struct cramfs_budget_summary *summary);

#endif
