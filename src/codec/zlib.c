#include <stdbool.h>
#include <stdlib.h>
#include <zlib.h>

#include "codec/backend.h"
#include "codec/zlib_window.h"
#include "cramfs/codec.h"
#include "cramfs/diag.h"

static const char *version(void)
{
    return zlibVersion();
}

static void *deflater_create(int level)
{
    z_stream *stream = calloc(1, sizeof(*stream));
    if (stream && deflateInit2(stream, level, Z_DEFLATED, 15, 9, Z_DEFAULT_STRATEGY) != Z_OK) {
        free(stream);
        return NULL;
    }
    return stream;
}

static void deflater_free(void *deflater)
{
    deflateEnd(deflater);
    free(deflater);
}

/*
 * The casts: z_stream has no const for input, and its lengths are of type uInt. Callers here pass
 * blocks of at most two pages or, through cramfs_gzip(), erase blocks of at most 1 GiB.
 */
static void set_buffers(z_stream *stream, const void *from, size_t length, void *to,
                        size_t capacity)
{
    stream->next_in = (Bytef *)(uintptr_t)from;
    stream->avail_in = (uInt)length;
    stream->next_out = to;
    stream->avail_out = (uInt)capacity;
}

static size_t deflate_block(void *deflater, const void *from, size_t length, void *to,
                            size_t capacity)
{
    z_stream *stream = deflater;
    set_buffers(stream, from, length, to, capacity);
    int result = deflate(stream, Z_FINISH);
    size_t written = stream->total_out;
    deflateReset(stream);
    return result == Z_STREAM_END ? written : 0;
}

static void *inflater_create(void)
{
    z_stream *stream = calloc(1, sizeof(*stream));
    if (stream && !start_inflating(stream, MAX_WBITS)) {
        free(stream);
        return NULL;
    }
    return stream;
}

static void inflater_free(void *inflater)
{
    inflateEnd(inflater);
    free(inflater);
}

static int inflate_block(void *inflater, const void *from, size_t length, void *to, size_t capacity,
                         size_t *used, size_t *written)
{
    z_stream *stream = inflater;
    set_buffers(stream, from, length, to, capacity);
    int result = inflate(stream, Z_FINISH);
    /*
     * inflate() stops before the checksum of a stream that makes more than `capacity`, so some
     * input stays unread. If none does, the stream is cut short.
     */
    bool no_room = result == Z_BUF_ERROR && stream->avail_out == 0 && stream->avail_in != 0;
    *used = stream->total_in;
    *written = stream->total_out;
    inflateReset(stream);
    if (no_room)
        return -CRAMFS_ERR_LIMIT;
    return result == Z_STREAM_END ? 0 : -CRAMFS_ERR_FORMAT;
}

static uint32_t adler32_of(const void *bytes, size_t length)
{
    return (uint32_t)adler32_z(1, bytes, length);
}

static uint32_t crc32_update(uint32_t crc, const void *bytes, size_t length)
{
    return (uint32_t)crc32_z(crc, bytes, length);
}

const struct backend backend_zlib = {
    .name = "zlib",
    .max_level = 9,
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

uint32_t cramfs_crc32_combine(uint32_t first, uint32_t second, uint64_t length)
{
    return (uint32_t)crc32_combine(first, second, (z_off_t)length);
}
