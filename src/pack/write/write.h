/*
 * Writing: the bytes of a planned image, from the first to the last.
 */
#ifndef CRAMFS_PACK_WRITE_WRITE_H
#define CRAMFS_PACK_WRITE_WRITE_H

#include "pack/write/parts.h"

/*
 * Sets parts->super from all other parts: flags, counts, root inode. Its CRC is 0. Returns 0,
 * -CRAMFS_ERR_MEMORY or -CRAMFS_ERR_INTERNAL.
 */
int describe_super(struct image_parts *parts);

struct block_inflater;

/* Returns 0, the sink's error, -CRAMFS_ERR_MEMORY or -CRAMFS_ERR_INTERNAL. */
int emit_image(const struct image_parts *parts, struct byte_sink *sink);

/*
 * Makes the `length` bytes from offset `begin` on, which are within the image. Any number of
 * threads may do so at once, each with its own inflater. Returns 0, -CRAMFS_ERR_MEMORY or
 * -CRAMFS_ERR_INTERNAL.
 */
int emit_piece_of_image(const struct image_parts *parts, struct block_inflater *inflater,
                        uint64_t begin, size_t length, void *to);

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
