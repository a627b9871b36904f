/*
 * Finds the erase blocks that differ from the older image.
 *
 * Nothing is estimated: the new image is written through a sink that compares it with the older
 * one. Gaps depend on the result: in an erase block that does not differ otherwise, they keep the
 * older image's bytes.
 *
 *     older image | A A A A | B B . B | C C C . |            (. is a gap)
 *     new image   | A A A A | B x . B | C C C . | D . |
 *                    equal    differs    equal   differs: only in one image
 */
#ifndef CRAMFS_PACK_LIKE_CHANGED_H
#define CRAMFS_PACK_LIKE_CHANGED_H

#include "pack/write/write.h"

/*
 * Finds the erase blocks that differ between the image of these parts and the older one; blocks
 * that only one of them has are included. `layout` is that of the parts: sets its `changed`, which
 * decides its gaps. `blocks` is the number of erase blocks, and *differing the number of those that
 * differ. The superblock's CRC is not known yet; it follows from the rest. Returns 0,
 * -CRAMFS_ERR_MEMORY or -CRAMFS_ERR_INTERNAL.
 */
int find_changed(struct image_parts *parts, struct layout *layout, const struct cramfs_like *like,
                 uint64_t *blocks, uint64_t *differing);

#endif
