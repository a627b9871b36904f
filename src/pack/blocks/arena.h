/*
 * An arena: bytes that are freed together.
 *
 * Its memory is not from malloc(): between buffers of many sizes that come and go, chunks that stay
 * would leave gaps that nothing fits into.
 */
#ifndef CRAMFS_PACK_BLOCKS_ARENA_H
#define CRAMFS_PACK_BLOCKS_ARENA_H

#include <stddef.h>

struct arena_chunk;

/* Starts as {0}. */
struct arena {
    struct arena_chunk *chunks;
};

/* Room for at most 128 KiB, which does not move; NULL when memory runs out. */
unsigned char *arena_take(struct arena *arena, size_t length);

/* Frees all that was taken; the arena is empty again. */
void arena_free(struct arena *arena);

#endif
