/*
 * The command line of cramfs-fuse, parsed.
 */
#ifndef CRAMFS_CLI_CRAMFS_FUSE_OPTIONS_H
#define CRAMFS_CLI_CRAMFS_FUSE_OPTIONS_H

#include <stdbool.h>

#include "cli/common/open_image.h"
#include "cli/cramfs-fuse/libfuse.h"

struct fuse_arguments {
    struct open_arguments open; /* its one path: the mount point */
    bool foreground;
    bool debug;
    bool one_thread;
    struct fuse_args mount; /* the values of -o for libfuse, and the name of the image */
};

/* Parses, or exits as parse_command_line() does. */
void parse_fuse_arguments(int argc, char **argv, struct fuse_arguments *arguments);
void free_fuse_arguments(struct fuse_arguments *arguments);

#endif
