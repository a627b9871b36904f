/*
 * The messages of mkcramfs-xip about a build.
 */
#ifndef CRAMFS_CLI_MKCRAMFS_XIP_SUMMARY_H
#define CRAMFS_CLI_MKCRAMFS_XIP_SUMMARY_H

#include "cli/mkcramfs-xip/options/options.h"
#include "cramfs/stats.h"

/*
 * Called for each file of the plan: prints the line of -v, or a warning about a malformed program.
 */
void summarize_selection(const struct arguments *arguments, const struct cramfs_node *node,
                         const struct cramfs_selection *selection);

/* Prints the closing line, and a line about the budget if there is one. */
void print_summary(const struct arguments *arguments, const struct cramfs_tree *tree,
                   const struct cramfs_plan *plan, const struct cramfs_stats *stats);

#endif
