/* The bytes for libarchive: from a stream, or from a part of a file in which it can seek. */
#ifndef CRAMFS_TREE_ARCHIVE_STREAM_READER_H
#define CRAMFS_TREE_ARCHIVE_STREAM_READER_H

#include <archive.h>

#include "tree/archive/stream/stream.h"
#include "tree/archive/stream/zstd_frames.h"

/* A part of an open file. */
struct extent_reader {
    int file;
    uint64_t begin;
    uint64_t end;
    uint64_t position;
    unsigned char bytes[64 << 10];
};

/* All return the result of archive_read_open(). The stream's own errors are in stream->error. */
int reader_open(struct archive *archive, struct stream *stream);
int reader_open_zstd(struct archive *archive, struct zstd_frames *frames);
int reader_open_extent(struct archive *archive, struct extent_reader *reader);

#endif
