/*
 * Options and rules without effect. Most often they are slips, and the image is not what was meant:
 * each is a warning, also with --quiet, and an error with --errors. What a build system gives every
 * time, and does no harm, is a note.
 */
#ifndef CRAMFS_CLI_MKCRAMFS_XIP_IDLE_H
#define CRAMFS_CLI_MKCRAMFS_XIP_IDLE_H

#include "cli/mkcramfs-xip/options/options.h"
#include "cramfs/rules.h"

/* What the command line alone shows. */
void report_idle_options(const struct arguments *arguments);

/* --exclude patterns that matched nothing, once all sources are read. */
void report_idle_excludes(const struct arguments *arguments);

/* --xip-sticky where no file has the bit, once rules are applied. */
void report_idle_sticky(const struct arguments *arguments, const struct cramfs_tree *tree);

/* Nothing is in place of the plan, and something that asks for it was given. */
void report_nothing_in_place(const struct arguments *arguments,
                             const struct cramfs_xip_rules *rules,
                             const struct cramfs_plan_summary *summary);

/* With --errors: makes errors of the warnings so far. Returns `error`, or if that is 0 theirs. */
int conclude_warnings(const struct arguments *arguments, int error);

#endif
