/*
 * A mount from its beginning to its end.
 */
#ifndef CRAMFS_CLI_CRAMFS_FUSE_SESSION_H
#define CRAMFS_CLI_CRAMFS_FUSE_SESSION_H

#include "cli/cramfs-fuse/mounted.h"
#include "cli/cramfs-fuse/options.h"

/*
 * Mounts, goes to the background unless that is not wanted, and serves until the image is unmounted
 * or a signal ends the program. Prints what is wrong. Returns the exit code; the process that was
 * called ends in here, with 0, when another one goes on in the background.
 */
int serve_mount(struct fuse_arguments *arguments, struct mounted *mounted);

#endif
