/*
 * cramfs-dump --diff --update: the update in a file that appears whole or not at all.
 */
#ifndef CRAMFS_CLI_CRAMFS_DUMP_UPDATE_H
#define CRAMFS_CLI_CRAMFS_DUMP_UPDATE_H

#include "cli/cramfs-dump/options.h"
#include "cramfs/view.h"

/* Returns 0, or an error with a diagnostic: then there is no file, or the previous one. */
int write_update(const struct dump_arguments *arguments, const struct cramfs_view *old_view,
                 const struct cramfs_view *new_view, struct cramfs_diags *diags);

#endif
