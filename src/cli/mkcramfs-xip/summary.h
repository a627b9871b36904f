/*
 * What mkcramfs-xip says of a build.
 */
#ifndef CRAMFS_CLI_MKCRAMFS_XIP_SUMMARY_H
#define CRAMFS_CLI_MKCRAMFS_XIP_SUMMARY_H

#include "cli/mkcramfs-xip/options/options.h"
#include "cramfs/stats.h"

/* Called for each file of the plan: -v's line, or a word about a malformed program. */
void summarize_selection(const struct arguments *arguments, const struct cramfs_node *node,
                         const struct cramfs_selection *selection);

/* The closing line, and one on the budget where there is one. */
void print_summary(const struct arguments *arguments, const struct cramfs_tree *tree,
                   const struct cramfs_plan *plan, const struct cramfs_stats *stats);

#endif
