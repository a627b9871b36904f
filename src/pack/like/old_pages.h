/*
 * Pages that the older image has. Inflating a deflated one to compare it costs a fraction of
 * compressing it again, if it is not inflated yet, and with the same bytes a block can stay where
 * it is. The bytes of a stored one need not be in memory twice.
 *
 * A page is looked for where the file of that path has it. A file of a new path, which may have
 * been moved, is looked for by its bytes, among the deflated blocks of files whose paths are gone.
 */
#ifndef CRAMFS_PACK_LIKE_OLD_PAGES_H
#define CRAMFS_PACK_LIKE_OLD_PAGES_H

#include "pack/blocks/block_bytes.h"
#include "pack/like/old.h"

struct old_pages {
    const struct old_image *old;
    struct hash_index moved; /* deflated blocks of files whose paths are gone, by their bytes */
    struct block_inflater *inflater;
};

/* `old` is read, not matched yet, and outlives *pages. Returns 0 or -CRAMFS_ERR_MEMORY; free it in
 * any case. */
int old_pages_prepare(const struct old_image *old, const struct cramfs_tree *tree,
                      struct old_pages *pages);
void old_pages_free(struct old_pages *pages);

/* `find` of struct older_pages; `context` is a struct old_pages. */
void old_pages_find(void *context, uint32_t node, uint32_t page, const void *raw, uint32_t length,
                    struct older_page *older);

#endif
