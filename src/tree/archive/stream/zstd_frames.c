#include "tree/archive/stream/zstd_frames.h"

#include <string.h>

#include "tree/archive/stream/file_end.h"

enum { MAGIC_SIZE = 4, BLOCK_HEADER = 3, SKIPPABLE_HEADER = 8, CHECKSUM_SIZE = 4 };
enum { SINGLE_SEGMENT = 0x20, HAS_CHECKSUM = 4, RUN = 1 };

static bool is_skippable(const unsigned char *bytes)
{
    return (bytes[0] & 0xf0) == 0x50 && memcmp(bytes + 1, "\x2a\x4d\x18", 3) == 0;
}

static bool begins_frame(const unsigned char *bytes, size_t length)
{
    return length >= MAGIC_SIZE &&
           (memcmp(bytes, "\x28\xb5\x2f\xfd", MAGIC_SIZE) == 0 || is_skippable(bytes));
}

bool is_zstd(struct stream *stream)
{
    const unsigned char *bytes;
    size_t length = stream_look_ahead(stream, stream->position, MAGIC_SIZE, &bytes);
    return begins_frame(bytes, length);
}

/* Reads the header of a frame: its size is in its descriptor. */
static void begin_frame(struct zstd_frames *frames)
{
    static const unsigned char dictionary_sizes[] = {0, 1, 2, 4};
    static const unsigned char content_sizes[] = {0, 2, 4, 8};
    const unsigned char *bytes;
    size_t length =
        stream_look_ahead(frames->stream, frames->stream->position, SKIPPABLE_HEADER, &bytes);
    if (!begins_frame(bytes, length))
        return;
    frames->left = length;
    frames->last = length < SKIPPABLE_HEADER || is_skippable(bytes);
    frames->inside = true;
    frames->has_checksum = false;
    if (length < SKIPPABLE_HEADER)
        return;
    if (frames->last) {
        frames->left = SKIPPABLE_HEADER + read_little(bytes + MAGIC_SIZE, 4);
        return;
    }
    unsigned descriptor = bytes[MAGIC_SIZE];
    bool single = descriptor & SINGLE_SEGMENT;
    unsigned content = content_sizes[descriptor >> 6];
    unsigned window = single ? 0 : 1;
    if (single && !content)
        content = 1;
    frames->has_checksum = descriptor & HAS_CHECKSUM;
    frames->left = MAGIC_SIZE + 1U + window + dictionary_sizes[descriptor & 3] + content;
}

/*
 * Begins a block, and after the last one the checksum. A cut block is given out as far as it goes.
 */
static void begin_block(struct zstd_frames *frames)
{
    const unsigned char *bytes;
    size_t length =
        stream_look_ahead(frames->stream, frames->stream->position, BLOCK_HEADER, &bytes);
    frames->left = length;
    if (length < BLOCK_HEADER)
        return;
    uint32_t header = (uint32_t)read_little(bytes, BLOCK_HEADER);
    frames->last = header & 1;
    frames->left = BLOCK_HEADER + (uint64_t)((header >> 1 & 3) == RUN ? 1 : header >> 3) +
                   (frames->last && frames->has_checksum ? CHECKSUM_SIZE : 0);
}

int zstd_frames_next(struct zstd_frames *frames, const unsigned char **bytes, size_t *length)
{
    struct stream *stream = frames->stream;
    *length = 0;
    if (!frames->left && frames->inside && frames->last)
        frames->inside = false;
    if (!frames->left && frames->inside)
        begin_block(frames);
    else if (!frames->left)
        begin_frame(frames);
    if (!frames->left)
        return stream->error;
    int error = stream_next(stream, bytes, length);
    if (*length > frames->left)
        *length = (size_t)frames->left;
    stream_take(stream, *length);
    frames->left = *length ? frames->left - *length : 0;
    return error;
}
