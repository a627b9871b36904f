/*
 * Contents: files whose lists of blocks are equal have one.
 */
#ifndef CRAMFS_PACK_BLOCKS_CONTENTS_H
#define CRAMFS_PACK_BLOCKS_CONTENTS_H

#include "pack/blocks/encoded.h"

/*
 * The refs of `content` are the last of the list: gives it a number, or that of its equal, whose
 * refs then serve for both. `index` has the contents so far. Returns 0 or -CRAMFS_ERR_MEMORY.
 */
int content_number(struct encoded_tree *out, struct hash_index *index,
                   const struct content *content, uint32_t *number);

#endif
