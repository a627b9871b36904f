/*
 * A bounded cache of decoded pages that many threads share.
 *
 * It is for a page of which a reader takes a part and soon another one. A page that goes out whole
 * is kept by the kernel that asked for it, and need not be here.
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

/* Holds at most `pages` pages of `page_size` bytes; memory is taken as they come. NULL: none. */
struct page_cache *page_cache_create(uint32_t pages, uint32_t page_size);
void page_cache_free(struct page_cache *cache);

/* Copies bytes [from, from + length) of the page, or returns false: it is not here. */
bool page_cache_get(struct page_cache *cache, const struct page_key *key, uint32_t from,
                    uint32_t length, unsigned char *to);

/* Keeps a copy of a page, in place of an older one when it is full; without memory it does not. */
void page_cache_put(struct page_cache *cache, const struct page_key *key,
                    const unsigned char *page);

#endif
