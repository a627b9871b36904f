/*
 * A bounded cache of decoded pages that many threads share.
 *
 * It is for pages that are read in parts, one soon after the other. A page that is read whole stays
 * in the page cache of the kernel that asked for it, and need not be kept here.
 */
#ifndef CRAMFS_READ_MOUNT_PAGE_CACHE_H
#define CRAMFS_READ_MOUNT_PAGE_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A block of a file: the table may be that of several files, of several sizes. */
struct page_key {
    uint32_t table; /* offset in the image */
    uint32_t file_size;
    uint32_t index;
};

struct page_cache;

/*
 * Holds at most `pages` pages of `page_size` bytes; memory is allocated as pages come. NULL: no
 * memory.
 */
struct page_cache *page_cache_create(uint32_t pages, uint32_t page_size);
void page_cache_free(struct page_cache *cache);

/* Copies bytes [from, from + length) of the page; returns false when the page is not here. */
bool page_cache_get(struct page_cache *cache, const struct page_key *key, uint32_t from,
                    uint32_t length, unsigned char *to);

/*
 * Keeps a copy of a page, and replaces an older one when the cache is full. Without memory it does
 * nothing.
 */
void page_cache_put(struct page_cache *cache, const struct page_key *key,
                    const unsigned char *page);

#endif
