/*
 * One gzip member after the other. zlib inflates, since libdeflate needs a whole stream at once.
 * The CRC comes from cramfs_crc32(): libdeflate computes it in a tenth of zlib's time.
 */
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "codec/zlib_window.h"
#include "cramfs/codec.h"
#include "cramfs/diag.h"

/* The parts of a member, in order. START is the part of the header that every member has. */
enum part { START, EXTRA_LENGTH, EXTRA, NAME, COMMENT, HEADER_CRC, BODY, TRAILER };

enum { HAS_HEADER_CRC = 2, HAS_EXTRA = 4, HAS_NAME = 8, HAS_COMMENT = 16, RESERVED = 0xe0 };

enum { METHOD_AT = 2, FLAGS_AT = 3, START_SIZE = 10, TRAILER_SIZE = 8 };

struct cramfs_gunzip {
    z_stream stream;
    enum part part;
    unsigned char few[START_SIZE]; /* the bytes so far of a part that gather() collects */
    size_t few_count;
    unsigned flags;
    size_t extra_left;
    uint32_t header_crc;
    uint32_t crc;
    uint32_t length;
    const char *fault;
};

struct cramfs_gunzip *cramfs_gunzip_create(void)
{
    struct cramfs_gunzip *gunzip = calloc(1, sizeof(*gunzip));
    if (gunzip && !start_inflating(&gunzip->stream, -MAX_WBITS)) {
        free(gunzip);
        return NULL;
    }
    return gunzip;
}

void cramfs_gunzip_free(struct cramfs_gunzip *gunzip)
{
    if (!gunzip)
        return;
    inflateEnd(&gunzip->stream);
    free(gunzip);
}

const char *cramfs_gunzip_fault(const struct cramfs_gunzip *gunzip)
{
    return gunzip->fault;
}

static int fail(struct cramfs_gunzip *gunzip, const char *fault)
{
    gunzip->fault = fault;
    return -CRAMFS_ERR_FORMAT;
}

static uint32_t little(const unsigned char *bytes, size_t count)
{
    uint32_t number = 0;
    while (count--)
        number = number << 8 | bytes[count];
    return number;
}

/* Goes to the next part that the flags announce. */
static void next_part(struct cramfs_gunzip *gunzip)
{
    static const unsigned needs[] = {
        [EXTRA_LENGTH] = HAS_EXTRA, [EXTRA] = HAS_EXTRA,           [NAME] = HAS_NAME,
        [COMMENT] = HAS_COMMENT,    [HEADER_CRC] = HAS_HEADER_CRC,
    };
    gunzip->few_count = 0;
    do
        gunzip->part++;
    while (gunzip->part < BODY && !(gunzip->flags & needs[gunzip->part]));
}

static int end_start(struct cramfs_gunzip *gunzip)
{
    const unsigned char *few = gunzip->few;
    if (few[0] != 0x1f || few[1] != 0x8b || few[METHOD_AT] != Z_DEFLATED ||
        few[FLAGS_AT] & RESERVED)
        return fail(gunzip, "it does not begin with a gzip header");
    gunzip->flags = few[FLAGS_AT];
    next_part(gunzip);
    return 0;
}

static int end_header_crc(struct cramfs_gunzip *gunzip)
{
    if (little(gunzip->few, 2) != (gunzip->header_crc & 0xffff))
        return fail(gunzip, "the CRC of its header is wrong");
    next_part(gunzip);
    return 0;
}

/* Adds one byte to a part of `size` bytes; true with the last. */
static bool gather(struct cramfs_gunzip *gunzip, unsigned char byte, size_t size)
{
    gunzip->few[gunzip->few_count++] = byte;
    return gunzip->few_count == size;
}

static int take_header_byte(struct cramfs_gunzip *gunzip, unsigned char byte)
{
    if (gunzip->part != HEADER_CRC)
        gunzip->header_crc = cramfs_crc32(gunzip->header_crc, &byte, 1);
    switch (gunzip->part) {
    case START:
        return gather(gunzip, byte, START_SIZE) ? end_start(gunzip) : 0;
    case EXTRA_LENGTH:
        if (!gather(gunzip, byte, 2))
            return 0;
        gunzip->extra_left = little(gunzip->few, 2);
        next_part(gunzip);
        if (!gunzip->extra_left)
            next_part(gunzip);
        return 0;
    case EXTRA:
        if (--gunzip->extra_left == 0)
            next_part(gunzip);
        return 0;
    case HEADER_CRC:
        return gather(gunzip, byte, 2) ? end_header_crc(gunzip) : 0;
    default: /* name or comment, which a NUL ends */
        if (!byte)
            next_part(gunzip);
        return 0;
    }
}

static int take_body(struct cramfs_gunzip *gunzip, const unsigned char *from, size_t length,
                     unsigned char *to, size_t capacity, size_t *used, size_t *written)
{
    z_stream *stream = &gunzip->stream;
    stream->next_in = (Bytef *)(uintptr_t)from;
    stream->avail_in = length < UINT32_MAX ? (uInt)length : UINT32_MAX;
    stream->next_out = to;
    stream->avail_out = capacity < UINT32_MAX ? (uInt)capacity : UINT32_MAX;
    int result = inflate(stream, Z_NO_FLUSH);
    *used = (size_t)(stream->next_in - from);
    *written = (size_t)(stream->next_out - to);
    gunzip->crc = cramfs_crc32(gunzip->crc, to, *written);
    gunzip->length += (uint32_t)*written;
    if (result == Z_STREAM_END)
        next_part(gunzip);
    else if (result != Z_OK && result != Z_BUF_ERROR)
        return fail(gunzip, "its deflate stream is damaged");
    return 0;
}

static int end_member(struct cramfs_gunzip *gunzip)
{
    if (little(gunzip->few, 4) != gunzip->crc)
        return fail(gunzip, "its CRC is wrong");
    if (little(gunzip->few + 4, 4) != gunzip->length)
        return fail(gunzip, "its length is wrong");
    inflateReset(&gunzip->stream);
    gunzip->part = START;
    gunzip->few_count = 0;
    gunzip->header_crc = 0;
    gunzip->crc = 0;
    gunzip->length = 0;
    return 0;
}

int cramfs_gunzip(struct cramfs_gunzip *gunzip, const void *from, size_t length, void *to,
                  size_t capacity, size_t *used, size_t *written, bool *ended)
{
    const unsigned char *bytes = from;
    int error = 0;
    *used = 0;
    *written = 0;
    *ended = false;
    while (!error && gunzip->part < BODY && *used < length)
        error = take_header_byte(gunzip, bytes[(*used)++]);
    if (!error && gunzip->part == BODY) {
        size_t more;
        error = take_body(gunzip, bytes + *used, length - *used, to, capacity, &more, written);
        *used += more;
    }
    while (!error && gunzip->part == TRAILER && !*ended && *used < length) {
        if (gather(gunzip, bytes[(*used)++], TRAILER_SIZE)) {
            error = end_member(gunzip);
            *ended = !error;
        }
    }
    return error;
}
