#include "tree/archive/stream/stream.h"

#include <stdlib.h>
#include <string.h>

/*
 * The window on the stream's bytes:
 *
 *     start                       position
 *     | up to KEPT of earlier bytes | the piece given to libarchive | a piece only looked at |
 *
 * It moves only when the next piece is given out, since libarchive uses a piece until it asks for
 * the next. So the position is at most KEPT + PIECE after the window's start, and there is room for
 * another piece after it.
 */
enum { KEPT = 16 << 10, PIECE = 128 << 10, WINDOW = KEPT + 2 * PIECE };
_Static_assert((int)STREAM_LOOK_AHEAD <= (int)PIECE, "what is looked at is a piece at most");

int stream_init(struct stream *stream, const struct stream_kind *kind, struct stream *below,
                const char *path, struct cramfs_diags *diags)
{
    *stream = (struct stream){.kind = kind, .below = below, .path = path, .diags = diags};
    stream->begins = below ? below->position : 0;
    stream->bytes = malloc(WINDOW);
    return stream->bytes ? 0 : cramfs_fail_memory(diags);
}

void stream_free(struct stream *stream)
{
    if (!stream)
        return;
    stream->kind->free(stream);
    free(stream->bytes);
    free(stream);
}

/* Reads up to `most` bytes into the end of the window. */
static int fetch(struct stream *stream, size_t most)
{
    size_t got = 0;
    if (stream->error || stream->ended)
        return stream->error;
    stream->error = stream->kind->read(stream, stream->bytes + stream->count, most, &got);
    stream->count += got;
    stream->ended = !stream->error && got == 0;
    return stream->error;
}

static size_t bytes_left(const struct stream *stream)
{
    return (size_t)(stream->start + stream->count - stream->position);
}

static void drop_old(struct stream *stream)
{
    size_t handed_out = (size_t)(stream->position - stream->start);
    size_t dropped = handed_out < KEPT ? 0 : handed_out - KEPT;
    stream->count -= dropped;
    memmove(stream->bytes, stream->bytes + dropped, stream->count);
    stream->start += dropped;
}

int stream_next(struct stream *stream, const unsigned char **bytes, size_t *length)
{
    int error = 0;
    if (!bytes_left(stream) || stream->count > KEPT + PIECE)
        drop_old(stream);
    if (!bytes_left(stream))
        error = fetch(stream, PIECE);
    *bytes = stream->bytes + (stream->position - stream->start);
    *length = bytes_left(stream) < PIECE ? bytes_left(stream) : PIECE;
    return error;
}

void stream_take(struct stream *stream, size_t length)
{
    stream->position += length;
}

size_t stream_look_ahead(struct stream *stream, uint64_t offset, size_t wanted,
                         const unsigned char **bytes)
{
    uint64_t end = stream->start + stream->count;
    uint64_t most = stream->position + PIECE;
    while (offset + wanted > end && end < most && !stream->ended && !stream->error) {
        fetch(stream, (size_t)(most - end));
        end = stream->start + stream->count;
    }
    *bytes = stream->bytes;
    if (offset < stream->start || offset >= end)
        return 0;
    *bytes = stream->bytes + (offset - stream->start);
    return end - offset < wanted ? (size_t)(end - offset) : wanted;
}

void stream_go(struct stream *stream, uint64_t offset)
{
    if (offset >= stream->start && offset <= stream->start + stream->count)
        stream->position = offset;
}

void stream_end(struct stream *stream)
{
    stream->position = stream->start + stream->count;
    stream->ended = true;
}

int stream_skip_zeroes(struct stream *stream)
{
    const unsigned char *bytes;
    size_t length;
    int error;
    while ((error = stream_next(stream, &bytes, &length)) == 0 && length) {
        size_t zeroes = 0;
        while (zeroes < length && !bytes[zeroes])
            zeroes++;
        stream_take(stream, zeroes);
        if (zeroes < length)
            break;
    }
    return error;
}
