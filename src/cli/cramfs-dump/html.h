/*
 * cramfs-dump --html: the page on standard output, or in a file that appears whole or not at all.
 */
#ifndef CRAMFS_CLI_CRAMFS_DUMP_HTML_H
#define CRAMFS_CLI_CRAMFS_DUMP_HTML_H

#include "cli/cramfs-dump/options.h"
#include "cramfs/view.h"

/*
 * The page of an image; with an older image (else NULL), also of the differences. Returns 0, or an
 * error with a diagnostic: then there is no file, or the previous one.
 */
int write_html(const struct dump_arguments *arguments, const struct cramfs_view *view,
               const struct cramfs_view *old_view, struct cramfs_diags *diags);

#endif
