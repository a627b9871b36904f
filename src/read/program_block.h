/* Whether files are programs, by their first blocks. */
#ifndef CRAMFS_READ_PROGRAM_BLOCK_H
#define CRAMFS_READ_PROGRAM_BLOCK_H

#include <stdbool.h>

#include "cramfs/image.h"

/*
 * Whether the first block of a file can be read and begins as cramfs_program_begins() says. If so,
 * its bytes are in `page`. Most files are not programs, and this shows without inflating them.
 */
bool block_begins_program(const struct cramfs_image *image, const struct cramfs_block *block,
                          struct cramfs_inflater *inflater, unsigned char *page);

#endif
