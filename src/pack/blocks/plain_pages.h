/*
 * The bytes of pages in place, each in a slot of one page.
 *
 * A page that goes in place in any case has a slot. A page that may go in place is kept in both
 * forms, so that it need not be inflated if it does. For such pages there is room for 44 MiB, and
 * for as much as the pages in place make the image larger. When it is used up, the bytes of the
 * pages that compress best are dropped: such pages cost the most flash in place, and are chosen
 * last. So memory stays within the size of the image and a constant, and most pages that are
 * written in place have not been dropped.
 */
#ifndef CRAMFS_PACK_BLOCKS_PLAIN_PAGES_H
#define CRAMFS_PACK_BLOCKS_PLAIN_PAGES_H

#include "cramfs/plan.h"
#include "pack/blocks/store.h"

/* A slot for the bytes of a page, which does not move; NULL when memory runs out. */
unsigned char *plain_pages_take(struct block_store *store, uint32_t page_size);

/* Gives back a slot that is not needed. */
void plain_pages_give_back(struct block_store *store, unsigned char *slot, uint32_t page_size);

/*
 * Keeps the bytes of the file in a deflated block, for the block in place that has the same data;
 * or not, if there is no room.
 */
void plain_pages_keep(struct block_store *store, uint32_t deflated, const void *raw,
                      const struct cramfs_plan_options *options);

#endif
