#include "pack/blocks/arena.h"

#include <sys/mman.h>

/* Large enough to waste little at its end. */
enum { CHUNK_BYTES = 1 << 20 };

struct arena_chunk {
    struct arena_chunk *next;
    size_t used; /* of CHUNK_BYTES, with this header */
};

static struct arena_chunk *add_chunk(struct arena *arena)
{
    struct arena_chunk *chunk =
        mmap(NULL, CHUNK_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (chunk == MAP_FAILED)
        return NULL;
    chunk->next = arena->chunks;
    chunk->used = sizeof(*chunk);
    arena->chunks = chunk;
    return chunk;
}

unsigned char *arena_take(struct arena *arena, size_t length)
{
    struct arena_chunk *chunk = arena->chunks;
    if (!chunk || length > CHUNK_BYTES - chunk->used)
        chunk = add_chunk(arena);
    if (!chunk)
        return NULL;
    unsigned char *taken = (unsigned char *)chunk + chunk->used;
    chunk->used += length;
    return taken;
}

void arena_free(struct arena *arena)
{
    while (arena->chunks) {
        struct arena_chunk *chunk = arena->chunks;
        arena->chunks = chunk->next;
        munmap(chunk, CHUNK_BYTES);
    }
}
