/*
 * Options and rules without effect. Usually they are slips, and the image is not the intended one:
 * each is a warning, also with --quiet, and an error with --errors. A harmless option that a build
 * system always passes is a note.
 */
#ifndef CRAMFS_CLI_MKCRAMFS_XIP_IDLE_H
#define CRAMFS_CLI_MKCRAMFS_XIP_IDLE_H

#include "cli/mkcramfs-xip/options/options.h"
#include "cramfs/rules.h"

/* Options that the command line alone shows to have no effect. */
void report_idle_options(const struct arguments *arguments);

/* --exclude patterns that matched nothing, once all sources are read. */
void report_idle_excludes(const struct arguments *arguments);

/* --map-uid and --map-gid that change nothing, before the owners of the tree are mapped. */
void report_idle_maps(const struct arguments *arguments, const struct cramfs_tree *tree);

/* --xip-sticky where no file has the bit, once rules are applied. */
void report_idle_sticky(const struct arguments *arguments, const struct cramfs_tree *tree);

/* The plan has no page in place, although an option requests pages in place. */
void report_nothing_in_place(const struct arguments *arguments,
                             const struct cramfs_xip_rules *rules,
                             const struct cramfs_plan_summary *summary);

/*
 * With --errors: makes errors of the warnings so far. Returns `error`; if that is 0, the code of
 * the first of these.
 */
int conclude_warnings(const struct arguments *arguments, int error);

#endif
