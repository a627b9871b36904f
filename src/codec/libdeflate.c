#include <libdeflate.h>
#include <stdlib.h>
#include <string.h>

#include "codec/backend.h"
#include "codec/stream_header.h"
#include "cramfs/codec.h"
#include "cramfs/diag.h"

/*
 * Up to level 9, a block is compressed once. From 10 on libdeflate searches for the cheapest parse,
 * and starts from statistics that suit long inputs: on short blocks the result is often larger than
 * that of its faster levels. So these blocks are compressed both ways, and the smaller stream is
 * taken. libdeflate's level 12 makes blocks of a page 0.03 % smaller than its 11 and takes a third
 * more time. That is not worth it: the highest level does the same as 11.
 */
enum { FIRST_OPTIMAL = 10, HIGHEST_OPTIMAL = 11, FAST = 6, SHORT_BLOCK = 2048 };

struct deflater {
    struct libdeflate_compressor *main;
    struct libdeflate_compressor *fast; /* for the other way; NULL when there is none */
    unsigned char *other;               /* room for the fast compressor's result */
};

static const char *version(void)
{
    return LIBDEFLATE_VERSION_STRING;
}

static void deflater_free(void *state)
{
    struct deflater *deflater = state;
    libdeflate_free_compressor(deflater->main);
    libdeflate_free_compressor(deflater->fast);
    free(deflater->other);
    free(deflater);
}

static void *deflater_create(int level)
{
    struct deflater *deflater = calloc(1, sizeof(*deflater));
    if (!deflater)
        return NULL;
    deflater->main = libdeflate_alloc_compressor(level < HIGHEST_OPTIMAL ? level : HIGHEST_OPTIMAL);
    if (level >= FIRST_OPTIMAL) {
        deflater->fast = libdeflate_alloc_compressor(FAST);
        deflater->other = malloc(cramfs_deflate_bound(SHORT_BLOCK));
    }
    if (!deflater->main || (level >= FIRST_OPTIMAL && (!deflater->fast || !deflater->other))) {
        deflater_free(deflater);
        return NULL;
    }
    return deflater;
}

static size_t deflate_block(void *state, const void *from, size_t length, void *to, size_t capacity)
{
    struct deflater *deflater = state;
    size_t result = libdeflate_zlib_compress(deflater->main, from, length, to, capacity);
    if (!deflater->fast || length > SHORT_BLOCK)
        return result;
    size_t other = libdeflate_zlib_compress(deflater->fast, from, length, deflater->other,
                                            cramfs_deflate_bound(length));
    if (!other || other > capacity || (result && result <= other))
        return result;
    memcpy(to, deflater->other, other);
    return other;
}

struct libdeflate_inflater {
    struct libdeflate_decompressor *fast;
    void *zlib; /* decides when `fast` may be wrong: kernels inflate with zlib */
};

static void inflater_free(void *state)
{
    struct libdeflate_inflater *inflater = state;
    libdeflate_free_decompressor(inflater->fast);
    if (inflater->zlib)
        backend_zlib.inflater_free(inflater->zlib);
    free(inflater);
}

static void *inflater_create(void)
{
    struct libdeflate_inflater *inflater = calloc(1, sizeof(*inflater));
    if (!inflater)
        return NULL;
    inflater->fast = libdeflate_alloc_decompressor();
    inflater->zlib = backend_zlib.inflater_create();
    if (!inflater->fast || !inflater->zlib) {
        inflater_free(inflater);
        return NULL;
    }
    return inflater;
}

static int inflate_block(void *state, const void *from, size_t length, void *to, size_t capacity,
                         size_t *used, size_t *written)
{
    struct libdeflate_inflater *inflater = state;
    enum libdeflate_result result =
        libdeflate_zlib_decompress_ex(inflater->fast, from, length, to, capacity, used, written);
    if (result == LIBDEFLATE_SUCCESS && stream_is_strict(from, length))
        return 0;
    return backend_zlib.inflate(inflater->zlib, from, length, to, capacity, used, written);
}

static uint32_t adler32_of(const void *bytes, size_t length)
{
    return libdeflate_adler32(1, bytes, length);
}

static uint32_t crc32_update(uint32_t crc, const void *bytes, size_t length)
{
    return libdeflate_crc32(crc, bytes, length);
}

const struct backend backend_libdeflate = {
    .name = "libdeflate",
    .max_level = 12,
    .version = version,
    .deflater_create = deflater_create,
    .deflater_free = deflater_free,
    .deflate = deflate_block,
    .inflater_create = inflater_create,
    .inflater_free = inflater_free,
    .inflate = inflate_block,
    .crc32 = crc32_update,
    .adler32 = adler32_of,
};
