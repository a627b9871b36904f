/*
 * What changed against the older image, erase block by erase block.
 */
#ifndef CRAMFS_PACK_LIKE_CHANGED_H
#define CRAMFS_PACK_LIKE_CHANGED_H

#include "pack/write/write.h"

/*
 * Which erase blocks the image of these parts and the older one have differently; those that only
 * one of them has count. `layout` is that of the parts: its `changed` says which, and its gaps go
 * by that. `blocks` is how many there are, and *differing how many of them. The superblock's CRC is
 * not known yet; it follows from the rest. Returns 0, -CRAMFS_ERR_MEMORY or -CRAMFS_ERR_INTERNAL.
 */
int find_changed(struct image_parts *parts, struct layout *layout, const struct cramfs_like *like,
                 uint64_t *blocks, uint64_t *differing);

#endif
