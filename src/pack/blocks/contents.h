/* Contents: files with equal lists of blocks share one list. */
#ifndef CRAMFS_PACK_BLOCKS_CONTENTS_H
#define CRAMFS_PACK_BLOCKS_CONTENTS_H

#include "pack/blocks/encoded.h"

/*
 * The refs of `content` are the last ones in the list. If an equal content exists, removes them and
 * uses its number; otherwise gives the content a new number. `index` has all contents so far.
 * Returns 0 or -CRAMFS_ERR_MEMORY.
 */
int content_number(struct encoded_tree *out, struct hash_index *index,
                   const struct content *content, uint32_t *number);

#endif
