/*
 * What to do about an image that is too large: notes after the refusal.
 */
#ifndef CRAMFS_CLI_MKCRAMFS_XIP_ADVICE_H
#define CRAMFS_CLI_MKCRAMFS_XIP_ADVICE_H

#include "cli/mkcramfs-xip/options/options.h"

/*
 * Adds notes: the sizes with nothing and with everything in place; which directories and files give
 * back most, and which nothing, since another name has the same bytes; libraries that no ELF file
 * links; what is after the last segment of ELF files; and what all that leaves of `limit` bytes for
 * running in place. Plans are made for that, which leave the tree as it is. Without memory there is
 * less advice.
 */
void advise(const struct arguments *arguments, struct cramfs_tree *tree, uint64_t limit);

#endif
