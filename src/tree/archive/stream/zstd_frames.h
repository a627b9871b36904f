/*
 * Finds where the frames of a zstd file end (RFC 8878). libarchive would take any following bytes
 * for another frame, also the zeroes that pad an initramfs.
 */
#ifndef CRAMFS_TREE_ARCHIVE_STREAM_ZSTD_FRAMES_H
#define CRAMFS_TREE_ARCHIVE_STREAM_ZSTD_FRAMES_H

#include "tree/archive/stream/stream.h"

struct zstd_frames {
    struct stream *stream;
    uint64_t left; /* bytes of the current part */
    bool inside;   /* of a frame */
    bool last;     /* the current part is the frame's last */
    bool has_checksum;
};

/* Whether a frame begins at the stream's position. */
bool is_zstd(struct stream *stream);

/*
 * The next bytes of the frames, like stream_next() and stream_take(); `*length` is 0 after the last
 * frame, and where the stream is cut.
 */
int zstd_frames_next(struct zstd_frames *frames, const unsigned char **bytes, size_t *length);

#endif
