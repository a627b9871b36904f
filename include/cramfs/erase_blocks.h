/*
 * The erase blocks in which two images differ: what an update has to write, and why.
 *
 * Both images begin where an erase block begins. A block differs when its bytes do, or when one
 * image has bytes of it that the other has not. Blocks that follow each other are one range.
 */
#ifndef CRAMFS_ERASE_BLOCKS_H
#define CRAMFS_ERASE_BLOCKS_H

#include <stdio.h>

#include "cramfs/declarations.h"
#include "cramfs/diff.h"

CRAMFS_BEGIN_DECLARATIONS

/*
 * The erase blocks of diff->erase_block bytes that differ, range by range: offset, length, SHA-256
 * of what each image has of it, and whose bytes differ there; cramfs-dump(1) documents both forms.
 * The text is empty when none differs. `diff` is what cramfs_diff() filled in, with an erase block
 * that is not 0. Returns 0, -CRAMFS_ERR_IO or -CRAMFS_ERR_MEMORY; or -CRAMFS_ERR_USAGE with a
 * diagnostic when the bytes of one image are swapped otherwise than the other's. Digests are of the
 * bytes as the flash has them.
 */
int cramfs_print_erase_blocks(FILE *out, const struct cramfs_diff *diff,
                              struct cramfs_diags *diags);
int cramfs_print_erase_blocks_json(FILE *out, const struct cramfs_diff *diff,
                                   struct cramfs_diags *diags);

CRAMFS_END_DECLARATIONS

#endif
