/*
 * Dumps with swapped bytes.
 *
 * A programmer or a flash bus of another width than the machine's makes dumps in which the bytes of
 * every 16-bit or 32-bit word stand in reverse order: all of them, those of names and compressed
 * blocks, too. So this is not the image's byte order, which concerns only its integers: the
 * signature of a swapped dump is no text, and a 32-bit swap of a little-endian image begins with
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

/* How many bytes a word has whose bytes are reversed: 1, 2 or 4. Words begin with the image. */
size_t cramfs_swap_width(enum cramfs_swap swap);

/*
 * Copies `length` bytes, a multiple of the width, with the bytes of every word reversed: swaps, and
 * swaps back. `to` and `from` may be the same address, and overlap in no other way.
 */
void cramfs_swap_copy(enum cramfs_swap swap, void *to, const void *from, size_t length);

CRAMFS_END_DECLARATIONS

#endif
