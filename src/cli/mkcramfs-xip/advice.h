/*
 * Notes after the refusal of an image that is too large: what to do.
 */
#ifndef CRAMFS_CLI_MKCRAMFS_XIP_ADVICE_H
#define CRAMFS_CLI_MKCRAMFS_XIP_ADVICE_H

#include "cli/mkcramfs-xip/options/options.h"

/*
 * Adds notes: the sizes with nothing and with everything in place; which directories and files give
 * back most, and which nothing, since another name has the same bytes; libraries that no ELF file
 * links; the bytes after the last segment of ELF files; and how much of `limit` bytes is then left
 * for running in place. Makes plans for that, which do not change the tree. If memory runs out,
 * there are fewer notes.
 */
void advise(const struct arguments *arguments, struct cramfs_tree *tree, uint64_t limit);

#endif
