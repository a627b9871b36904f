/*
 * A direct pointer to stored bytes must not lead to the last page of a file of whole pages: read(2)
 * would return zeroes. A compressed block can be there, if its length fits into 16 bits. With pages
 * of 64 KiB, a page that does not compress has no such form. It needs a plain pointer, and so comes
 * right after a block of its own table.
 */
#ifndef CRAMFS_PACK_BLOCKS_LAST_PAGE_H
#define CRAMFS_PACK_BLOCKS_LAST_PAGE_H

#include "cramfs/plan.h"

/* Whether the page of `length` bytes needs a plain pointer. Returns 0 or -CRAMFS_ERR_MEMORY. */
int last_page_needs_plain(const struct cramfs_plan_options *options, const void *page,
                          uint32_t length, bool *needs);

#endif
