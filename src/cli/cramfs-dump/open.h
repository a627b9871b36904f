/* The images of a command. */
#ifndef CRAMFS_CLI_DUMP_OPEN_H
#define CRAMFS_CLI_DUMP_OPEN_H

#include "cli/cramfs-dump/options.h"
#include "cramfs/view.h"

/*
 * Opens arguments->open.image as views[0] and arguments->new_image, if there is one, as views[1].
 * Two regular files are read at the same time. Errors are reported as if one were read after the
 * other: after an error of the first one, the second is not mentioned. Returns 0 or the first
 * error; the views are closed by the caller in any case.
 */
int open_images(const struct dump_arguments *arguments, struct cramfs_view *views[2],
                struct cramfs_diags *diags);

#endif
