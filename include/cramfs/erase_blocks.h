/*
 * The erase blocks in which two images differ: what an update has to write, and why.
 *
 * Both images begin at the beginning of an erase block. A block differs when its bytes do, or when
 * only one image has bytes in it. Blocks that follow each other are one range.
 */
#ifndef CRAMFS_ERASE_BLOCKS_H
#define CRAMFS_ERASE_BLOCKS_H

#include <stdio.h>

#include "cramfs/declarations.h"
#include "cramfs/diff.h"

CRAMFS_BEGIN_DECLARATIONS

/*
 * Prints the erase blocks of diff->erase_block bytes that differ, range by range: offset, length,
 * SHA-256 of each image's bytes there, and which entries the differing bytes belong to.
 * cramfs-dump(1) documents both forms. The text is empty when none differs. `diff` comes from
 * cramfs_diff(), with an erase block that is not 0. Returns 0, -CRAMFS_ERR_IO or
 * -CRAMFS_ERR_MEMORY; or -CRAMFS_ERR_USAGE with a diagnostic when the bytes of one image are
 * swapped otherwise than the other's. Digests are of the bytes as the flash has them.
 */
int cramfs_print_erase_blocks(FILE *out, const struct cramfs_diff *diff,
                              struct cramfs_diags *diags);
int cramfs_print_erase_blocks_json(FILE *out, const struct cramfs_diff *diff,
                                   struct cramfs_diags *diags);

CRAMFS_END_DECLARATIONS

#endif
