#include "tree/archive/stream/reader.h"

#include <errno.h>

#include "base/io.h"

static la_ssize_t read_stream(struct archive *archive, void *context, const void **bytes)
{
    struct stream *stream = context;
    const unsigned char *piece;
    size_t length;
    (void)archive;
    if (stream_next(stream, &piece, &length) != 0)
        return ARCHIVE_FATAL;
    stream_take(stream, length);
    *bytes = piece;
    return (la_ssize_t)length;
}

int reader_open(struct archive *archive, struct stream *stream)
{
    return archive_read_open(archive, stream, NULL, read_stream, NULL);
}

static la_ssize_t read_zstd(struct archive *archive, void *context, const void **bytes)
{
    const unsigned char *piece = NULL;
    size_t length;
    (void)archive;
    if (zstd_frames_next(context, &piece, &length) != 0)
        return ARCHIVE_FATAL;
    *bytes = piece;
    return (la_ssize_t)length;
}

int reader_open_zstd(struct archive *archive, struct zstd_frames *frames)
{
    return archive_read_open(archive, frames, NULL, read_zstd, NULL);
}

static la_ssize_t read_extent(struct archive *archive, void *context, const void **bytes)
{
    struct extent_reader *reader = context;
    uint64_t left = reader->end - reader->position;
    size_t length = left < sizeof(reader->bytes) ? (size_t)left : sizeof(reader->bytes);
    if (!io_read_at(reader->file, reader->bytes, length, reader->position)) {
        archive_set_error(archive, errno, "a read failed");
        return ARCHIVE_FATAL;
    }
    reader->position += length;
    *bytes = reader->bytes;
    return (la_ssize_t)length;
}

static la_int64_t skip_extent(struct archive *archive, void *context, la_int64_t request)
{
    struct extent_reader *reader = context;
    uint64_t left = reader->end - reader->position;
    uint64_t skipped = request < 0 ? 0 : (uint64_t)request < left ? (uint64_t)request : left;
    (void)archive;
    reader->position += skipped;
    return (la_int64_t)skipped;
}

static la_int64_t seek_extent(struct archive *archive, void *context, la_int64_t offset, int whence)
{
    struct extent_reader *reader = context;
    uint64_t from = whence == SEEK_SET   ? reader->begin
                    : whence == SEEK_CUR ? reader->position
                                         : reader->end;
    uint64_t size = reader->end - reader->begin;
    la_int64_t to = (la_int64_t)(from - reader->begin) + offset;
    if (to < 0 || (uint64_t)to > size) {
        archive_set_error(archive, EINVAL,
                          "an offset leads out of the archive, which is damaged or cut");
        return ARCHIVE_FATAL;
    }
    reader->position = reader->begin + (uint64_t)to;
    return to;
}

int reader_open_extent(struct archive *archive, struct extent_reader *reader)
{
    archive_read_set_read_callback(archive, read_extent);
    archive_read_set_skip_callback(archive, skip_extent);
    archive_read_set_seek_callback(archive, seek_extent);
    archive_read_set_callback_data(archive, reader);
    return archive_read_open1(archive);
}
