/*
 * --what-if: the curve of a tree instead of an image.
 */
#ifndef CRAMFS_CLI_MKCRAMFS_XIP_WHAT_IF_H
#define CRAMFS_CLI_MKCRAMFS_XIP_WHAT_IF_H

#include "cli/mkcramfs-xip/options/options.h"

/* Finds and prints the curve. Returns 0 or a negative error, with diagnostics. */
int print_what_if(const struct arguments *arguments, struct cramfs_tree *tree);

#endif
