/*
 * A mount from its beginning to its end.
 */
#ifndef CRAMFS_CLI_CRAMFS_FUSE_SESSION_H
#define CRAMFS_CLI_CRAMFS_FUSE_SESSION_H

#include "cli/cramfs-fuse/mounted.h"
#include "cli/cramfs-fuse/options.h"

/*
 * Mounts, goes to the background unless the options say otherwise, and serves until the image is
 * unmounted or a signal ends the program. Prints errors. Returns the exit code. If the program goes
 * to the background, the first process exits here with 0.
 */
int serve_mount(struct fuse_arguments *arguments, struct mounted *mounted);

#endif
