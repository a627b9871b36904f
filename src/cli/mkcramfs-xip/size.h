/*
 * How large the file is to be: padding behind the file system, and a limit.
 */
#ifndef CRAMFS_CLI_MKCRAMFS_XIP_SIZE_H
#define CRAMFS_CLI_MKCRAMFS_XIP_SIZE_H

#include "cli/mkcramfs-xip/mkcramfs_options.h"

/*
 * The size of the image with its padding, in *size. Returns 0, or -CRAMFS_ERR_LIMIT when it is over
 * --max-size or --pad-to; the message names the bytes over and what takes most.
 */
int fit_size(const struct arguments *arguments, const struct cramfs_tree *tree,
             const struct cramfs_plan *plan, uint64_t *size);

/*
 * Writes the padding, `length` bytes, behind the image. The kernel goes by the superblock's size,
 * so what is there changes nothing for it. Returns 0 or -CRAMFS_ERR_IO.
 */
int write_padding(const struct arguments *arguments, int file, uint64_t length);

#endif
