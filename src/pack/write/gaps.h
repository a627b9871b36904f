/*
 * Gaps: the bytes of an image that belong to nothing.
 *
 * They are zeroes. Of an image that is laid out like an older one they are what the older one has
 * there, wherever that saves an erase block; but behind a file's end in its last page in place
 * they are zeroes there, too, since kernels map no other.
 */
#ifndef CRAMFS_PACK_WRITE_GAPS_H
#define CRAMFS_PACK_WRITE_GAPS_H

#include "pack/write/write.h"

int emit_zeroes(uint64_t count, struct byte_sink *sink);

/* The bytes from `begin` to `end`, behind the spot `before` (NULL: none). Returns as the sink. */
int emit_gap(const struct image_parts *parts, const struct spot *before, uint64_t begin,
             uint64_t end, struct byte_sink *sink);

/* One of these bytes. */
unsigned char gap_byte(const struct image_parts *parts, const struct spot *before, uint64_t offset);

/*
 * Which erase blocks the image of these parts and the older one have differently; those that only
 * one of them has count. `layout` is that of the parts: its `changed` says which, and its gaps go
 * by that. `blocks` is how many there are, and *differing how many of them. The superblock's CRC is
 * not known yet; it follows from the rest. Returns 0, -CRAMFS_ERR_MEMORY or -CRAMFS_ERR_INTERNAL.
 */
int find_changed(struct image_parts *parts, struct layout *layout, const struct cramfs_like *like,
                 uint64_t *blocks, uint64_t *differing);

#endif
