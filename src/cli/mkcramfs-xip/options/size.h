/*
 * The size of the file: padding after the file system, and a limit.
 */
#ifndef CRAMFS_CLI_MKCRAMFS_XIP_OPTIONS_SIZE_H
#define CRAMFS_CLI_MKCRAMFS_XIP_OPTIONS_SIZE_H

#include "cli/mkcramfs-xip/options/options.h"

/*
 * The size of the image with its padding, in *size. Returns 0, or -CRAMFS_ERR_LIMIT when it is over
 * --fit, --max-size or --pad-to. The message has the bytes over, the sizes with nothing and with
 * everything in place, and the files that take most. For that, a plan without a choice of pages is
 * made again, which does not change the tree.
 */
int fit_size(const struct arguments *arguments, struct cramfs_tree *tree,
             const struct cramfs_plan *plan, uint64_t *size);

/*
 * Writes the padding, `length` bytes, after the image. The kernel uses the superblock's size and
 * ignores the padding. Returns 0 or -CRAMFS_ERR_IO.
 */
int write_padding(const struct arguments *arguments, int file, uint64_t length);

#endif
