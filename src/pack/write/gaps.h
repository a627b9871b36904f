/*
 * Gaps: the bytes of an image that belong to nothing.
 *
 * They are zeroes. In an image that is laid out like an older one, they are the older image's bytes
 * wherever that saves an erase block. But after a file's end in its last page in place they are
 * zeroes there, too, since kernels map no other page.
 */
#ifndef CRAMFS_PACK_WRITE_GAPS_H
#define CRAMFS_PACK_WRITE_GAPS_H

#include "pack/write/parts.h"

int emit_zeroes(uint64_t count, struct byte_sink *sink);

/*
 * Writes the bytes from `begin` to `end`, after the spot `before` (NULL: none). Returns the sink's
 * result.
 */
int emit_gap(const struct image_parts *parts, const struct spot *before, uint64_t begin,
             uint64_t end, struct byte_sink *sink);

/* One byte of a gap. */
unsigned char gap_byte(const struct image_parts *parts, const struct spot *before, uint64_t offset);

#endif
