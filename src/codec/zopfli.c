#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <zopfli.h>

#include "codec/backend.h"

/*
 * zopfli searches for a page's smallest stream, also over where deflate blocks begin. Most of the
 * time goes into that last search, so a level is the most blocks of a page. Its own default is 15;
 * over that, nothing changes. The number of its iterations matters little: 15 instead of 6 gain
 * 0.1 % for 7 % more time. Some pages, short ones above all, get smaller with the other library:
 * the smaller stream counts.
 */
enum { MOST_BLOCKS = 15, ITERATIONS = 15 };

/*
 * zopfli ends the program, or writes to address 0, when malloc() fails. So this much is allocated
 * before, and freed for zopfli to allocate again. Measured for the worst pages, random ones, it
 * takes 1 MiB and 115 times the page: half of this. It never has more than MASTER_BLOCK bytes in
 * work. The stream grows by doubling.
 */
enum {
    FIXED_ROOM = 2 << 20,
    ROOM_PER_BYTE = 256,
    MASTER_BLOCK = 1000000,
    STREAM_ROOM_PER_BYTE = 4,
};

#ifdef CRAMFS_WITH_LIBDEFLATE
static const struct backend *const other = &backend_libdeflate;
#else
static const struct backend *const other = &backend_zlib;
#endif

struct deflater {
    void *other;
    ZopfliOptions options;
    void *room; /* which zopfli can have */
    size_t room_length;
};

static const char *version(void)
{
    return "";
}

static void deflater_free(void *state)
{
    struct deflater *deflater = state;
    if (deflater->other)
        other->deflater_free(deflater->other);
    free(deflater->room);
    free(deflater);
}

static void *deflater_create(int level)
{
    struct deflater *deflater = calloc(1, sizeof(*deflater));
    if (!deflater)
        return NULL;
    ZopfliInitOptions(&deflater->options);
    deflater->options.numiterations = ITERATIONS;
    deflater->options.blocksplitting = level > 1;
    deflater->options.blocksplittingmax = level;
    deflater->other = other->deflater_create(other->max_level);
    if (!deflater->other) {
        deflater_free(deflater);
        return NULL;
    }
    return deflater;
}

/* Makes sure that zopfli can allocate what it needs for `length` bytes. */
static bool keep_room(struct deflater *deflater, size_t length)
{
    size_t in_work = length < MASTER_BLOCK ? length : MASTER_BLOCK;
    size_t needed = FIXED_ROOM + in_work * ROOM_PER_BYTE + length * STREAM_ROOM_PER_BYTE;
    if (length > SIZE_MAX / 8)
        return false;
    if (deflater->room && deflater->room_length >= needed)
        return true;
    free(deflater->room);
    if (deflater->room_length < needed)
        deflater->room_length = needed;
    deflater->room = malloc(deflater->room_length);
    return deflater->room;
}

/* The room is taken again at once: other threads have rooms of their own. */
static void call_zopfli(struct deflater *deflater, const void *from, size_t length,
                        unsigned char **stream, size_t *stream_length)
{
    free(deflater->room);
    ZopfliCompress(&deflater->options, ZOPFLI_FORMAT_ZLIB, from, length, stream, stream_length);
    deflater->room = malloc(deflater->room_length);
}

static size_t deflate_block(void *state, const void *from, size_t length, void *to, size_t capacity)
{
    struct deflater *deflater = state;
    if (!keep_room(deflater, length))
        return 0;
    size_t result = other->deflate(deflater->other, from, length, to, capacity);
    unsigned char *stream = NULL;
    size_t stream_length = 0;
    call_zopfli(deflater, from, length, &stream, &stream_length);
    if (stream_length <= capacity && (!result || stream_length < result)) {
        memcpy(to, stream, stream_length);
        result = stream_length;
    }
    free(stream);
    return result;
}

const struct backend backend_zopfli = {
    .name = "zopfli",
    .max_level = MOST_BLOCKS,
    .version = version,
    .deflater_create = deflater_create,
    .deflater_free = deflater_free,
    .deflate = deflate_block,
};
