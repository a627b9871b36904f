#include <libdeflate.h>

#include "codec/backend.h"
#include "cramfs/diag.h"

static const char *version(void)
{
    return LIBDEFLATE_VERSION_STRING;
}

static void *deflater_create(int level)
{
    return libdeflate_alloc_compressor(level);
}

static void deflater_free(void *deflater)
{
    libdeflate_free_compressor(deflater);
}

static size_t deflate_block(void *deflater, const void *from, size_t length, void *to,
                            size_t capacity)
{
    return libdeflate_zlib_compress(deflater, from, length, to, capacity);
}

static void *inflater_create(void)
{
    return libdeflate_alloc_decompressor();
}

static void inflater_free(void *inflater)
{
    libdeflate_free_decompressor(inflater);
}

static int inflate_block(void *inflater, const void *from, size_t length, void *to, size_t capacity,
                         size_t *used, size_t *written)
{
    enum libdeflate_result result =
        libdeflate_zlib_decompress_ex(inflater, from, length, to, capacity, used, written);
    if (result == LIBDEFLATE_INSUFFICIENT_SPACE)
        return -CRAMFS_ERR_LIMIT;
    return result == LIBDEFLATE_SUCCESS ? 0 : -CRAMFS_ERR_FORMAT;
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
};
