#include "read/mount/page_cache.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

/* Each part has a lock, so that readers of different pages seldom wait for each other. */
enum { PARTS = 16 };

struct cached_page {
    struct page_key key;
    unsigned char *bytes; /* NULL: free */
};

struct cache_part {
    pthread_mutex_t lock;
    struct cached_page *pages;
    uint32_t next; /* the page to replace next: the oldest */
};

struct page_cache {
    uint32_t pages_in_part;
    uint32_t page_size;
    struct cache_part parts[PARTS];
};

struct page_cache *page_cache_create(uint32_t pages, uint32_t page_size)
{
    struct page_cache *cache = calloc(1, sizeof(*cache));
    if (!cache)
        return NULL;
    cache->pages_in_part = pages < PARTS ? 1 : pages / PARTS;
    cache->page_size = page_size;
    bool failed = false;
    for (int i = 0; i < PARTS; i++) {
        pthread_mutex_init(&cache->parts[i].lock, NULL);
        cache->parts[i].pages = calloc(cache->pages_in_part, sizeof(*cache->parts[i].pages));
        failed |= !cache->parts[i].pages;
    }
    if (!failed)
        return cache;
    page_cache_free(cache);
    return NULL;
}

void page_cache_free(struct page_cache *cache)
{
    if (!cache)
        return;
    for (int i = 0; i < PARTS; i++) {
        struct cache_part *part = &cache->parts[i];
        for (uint32_t page = 0; part->pages && page < cache->pages_in_part; page++)
            free(part->pages[page].bytes);
        free(part->pages);
        pthread_mutex_destroy(&part->lock);
    }
    free(cache);
}

static bool same_page(const struct page_key *a, const struct page_key *b)
{
    return a->table == b->table && a->file_size == b->file_size && a->index == b->index;
}

/* Locks and returns the part that holds a page. */
static struct cache_part *lock_part(struct page_cache *cache, const struct page_key *key)
{
    uint64_t hash = hash_mix(hash_mix(hash_mix(0, key->table), key->file_size), key->index);
    struct cache_part *part = &cache->parts[hash % PARTS];
    pthread_mutex_lock(&part->lock);
    return part;
}

static struct cached_page *find(const struct page_cache *cache, const struct cache_part *part,
                                const struct page_key *key)
{
    for (uint32_t i = 0; i < cache->pages_in_part && part->pages[i].bytes; i++) {
        if (same_page(&part->pages[i].key, key))
            return &part->pages[i];
    }
    return NULL;
}

bool page_cache_get(struct page_cache *cache, const struct page_key *key, uint32_t from,
                    uint32_t length, unsigned char *to)
{
    struct cache_part *part = lock_part(cache, key);
    const struct cached_page *page = find(cache, part, key);
    if (page)
        memcpy(to, page->bytes + from, length);
    pthread_mutex_unlock(&part->lock);
    return page;
}

void page_cache_put(struct page_cache *cache, const struct page_key *key,
                    const unsigned char *bytes)
{
    struct cache_part *part = lock_part(cache, key);
    struct cached_page *page = &part->pages[part->next];
    bool known = find(cache, part, key); /* another reader decoded it meanwhile */
    if (!known && !page->bytes)
        page->bytes = malloc(cache->page_size);
    if (!known && page->bytes) {
        page->key = *key;
        memcpy(page->bytes, bytes, cache->page_size);
        part->next = (part->next + 1) % cache->pages_in_part;
    }
    pthread_mutex_unlock(&part->lock);
}
