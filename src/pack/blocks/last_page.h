/*
 * The last page of a file of whole pages must not be reached by a direct pointer to stored bytes:
 * read(2) would return zeroes. Compressed, it can be, if its length fits 16 bits. With pages of
 * 64 KiB one that does not compress has no such form, and needs a plain pointer: right after a
 * block of its own table.
 */
#ifndef CRAMFS_PACK_BLOCKS_LAST_PAGE_H
#define CRAMFS_PACK_BLOCKS_LAST_PAGE_H

#include "cramfs/plan.h"

/* Whether the page of `length` bytes needs a plain pointer. Returns 0 or -CRAMFS_ERR_MEMORY. */
int last_page_needs_plain(const struct cramfs_plan_options *options, const void *page,
                          uint32_t length, bool *needs);

#endif
