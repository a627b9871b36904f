/*
 * Choosing: which of the pages that could go in place do, for a budget of flash.
 *
 * What a choice costs is what the layout makes of it: the image's size with it, less its size with
 * nothing in place and no file cut. All that reports a flash cost means this; the shares of files
 * add up to it. What it saves is RAM: a page for each inode that maps it, or the touches of a
 * profile. Mappings are taken prefix by prefix along the hulls of their curves, the densest step
 * first, ties by path and offset; what is then left of the budget is filled with what still fits.
 * Without an MMU a mapping is taken whole.
 */
#ifndef CRAMFS_PACK_BUDGET_CHOOSE_H
#define CRAMFS_PACK_BUDGET_CHOOSE_H

#include "pack/blocks/encode.h"

/* What a choice saves, and costs. */
struct choice_worth {
    uint64_t gain;  /* touches of pages in place */
    uint64_t pages; /* that are touched at all, as often as they save a page of RAM */
    uint64_t cost;  /* of flash, bytes */
};

/*
 * Chooses and finds what that is worth, but changes nothing except encoded->refs: the caller keeps
 * a copy of the tree, or calls choose(). `bare_size` is of choosing_measure_bare(), as in choose().
 */
int choose_trial(const struct cramfs_tree *tree, const struct cramfs_plan_options *options,
                 struct encoded_tree *encoded, uint64_t bare_size, struct choice_worth *worth);

/*
 * Decides, and makes encoded->refs of the chosen pages those in place. Fills in the selections of
 * all nodes, and the summary. Returns 0 or -CRAMFS_ERR_MEMORY.
 */
int choose(const struct cramfs_tree *tree, const struct cramfs_plan_options *options,
           struct encoded_tree *encoded, uint64_t bare_size, struct cramfs_budget_summary *summary);

#endif
