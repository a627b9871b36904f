/*
 * The answers to a kernel's requests, by the low-level interface of libfuse: a kernel names a node
 * by a number, which here is that of its entry plus 1. Nothing of an image changes after it is
 * mounted, so a kernel may keep all answers, and any number of threads may give them.
 */
#ifndef CRAMFS_CLI_CRAMFS_FUSE_OPERATIONS_H
#define CRAMFS_CLI_CRAMFS_FUSE_OPERATIONS_H

#include "cli/cramfs-fuse/libfuse.h"

/* Their user data is a struct mounted. */
extern const struct fuse_lowlevel_ops operations;

#endif
