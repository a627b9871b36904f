/*
 * Writing: the bytes of a planned image, from the first to the last.
 */
#ifndef CRAMFS_PACK_WRITE_WRITE_H
#define CRAMFS_PACK_WRITE_WRITE_H

#include "pack/write/parts.h"

/* Sets parts->super as make_super() does, but with a CRC of 0. Returns the same errors. */
int describe_super(struct image_parts *parts);

/*
 * Sets parts->super from all other parts: flags, counts, root inode, CRC. Returns 0,
 * -CRAMFS_ERR_MEMORY or -CRAMFS_ERR_INTERNAL.
 */
int make_super(struct image_parts *parts);

/* Returns 0, the sink's error, -CRAMFS_ERR_MEMORY or -CRAMFS_ERR_INTERNAL. */
int emit_image(const struct image_parts *parts, struct byte_sink *sink);

/* A sink that writes to a file in large pieces; `flush` it at the end. */
struct file_sink {
    struct byte_sink base;
    int file;
    enum cramfs_swap swap; /* if not NONE, the length of all bytes is a multiple of its width */
    int system_error;      /* errno of a failed write */
    unsigned char *buffer;
    size_t used;
};

int file_sink_init(struct file_sink *sink, int file, enum cramfs_swap swap);
int file_sink_flush(struct file_sink *sink);
void file_sink_free(struct file_sink *sink);

/*
 * A sink into memory; ends the image with -CRAMFS_ERR_INTERNAL when it has more bytes than `room`.
 */
struct memory_sink {
    struct byte_sink base; /* {memory_sink_take} */
    unsigned char *at;
    uint64_t room;
};

int memory_sink_take(struct byte_sink *base, const void *bytes, size_t length);

#endif
