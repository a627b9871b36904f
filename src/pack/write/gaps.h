/*
 * Gaps: the bytes of an image that belong to nothing.
 *
 * Gaps are zeroes. In an image that is laid out like an older one, gaps keep the older image's
 * bytes wherever that saves an erase block. The one exception is the rest of a last page in place
 * after the file's end: it is always zeroes, since kernels map no other page.
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
