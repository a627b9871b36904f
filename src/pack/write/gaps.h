/*
 * Gaps: the bytes of an image that belong to nothing.
 *
 * They are zeroes. Of an image that is laid out like an older one they are what the older one has
 * there, wherever that saves an erase block; but behind a file's end in its last page in place
 * they are zeroes there, too, since kernels map no other.
 */
#ifndef CRAMFS_PACK_WRITE_GAPS_H
#define CRAMFS_PACK_WRITE_GAPS_H

#include "pack/write/parts.h"

int emit_zeroes(uint64_t count, struct byte_sink *sink);

/* The bytes from `begin` to `end`, behind the spot `before` (NULL: none). Returns as the sink. */
int emit_gap(const struct image_parts *parts, const struct spot *before, uint64_t begin,
             uint64_t end, struct byte_sink *sink);

/* One of these bytes. */
unsigned char gap_byte(const struct image_parts *parts, const struct spot *before, uint64_t offset);

#endif
