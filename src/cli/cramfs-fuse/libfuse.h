/*
 * The interface of libfuse 3.5, which all later versions have.
 */
#ifndef CRAMFS_CLI_CRAMFS_FUSE_LIBFUSE_H
#define CRAMFS_CLI_CRAMFS_FUSE_LIBFUSE_H

#define FUSE_USE_VERSION 35
#include <fuse_log.h>
#include <fuse_lowlevel.h>

#endif
