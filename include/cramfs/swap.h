/*
 * Dumps with swapped bytes.
 *
 * A programmer, or a flash bus of another width than the machine's, makes dumps in which the bytes
 * of every 16-bit or 32-bit word are in reverse order: all bytes, also those of names and
 * compressed blocks. So this is not the image's byte order, which concerns only its integers: the
 * signature of a swapped dump is not text, and a 32-bit swap of a little-endian image begins with
 * the magic of a big-endian one.
 */
#ifndef CRAMFS_SWAP_H
#define CRAMFS_SWAP_H

#include <stddef.h>

#include "cramfs/declarations.h"

CRAMFS_BEGIN_DECLARATIONS

enum cramfs_swap {
    CRAMFS_SWAP_NONE,
    CRAMFS_SWAP_16, /* "oCpmerssdeR ..." */
    CRAMFS_SWAP_32, /* "pmoCsser ..." */
    CRAMFS_SWAPS_COUNT
};

/* The width of a word in bytes: 1, 2 or 4. The first word begins at byte 0 of the image. */
size_t cramfs_swap_width(enum cramfs_swap swap);

/*
 * Copies `length` bytes, a multiple of the width, with the bytes of every word reversed; twice
 * gives the original. `to` and `from` may be equal, and may not overlap otherwise.
 */
void cramfs_swap_copy(enum cramfs_swap swap, void *to, const void *from, size_t length);

CRAMFS_END_DECLARATIONS

#endif
