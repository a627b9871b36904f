#include "read/mount/pages.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "codec/with_inflater.h"
#include "cramfs/codec.h"
#include "read/judge.h"
#include "read/mount/attributes.h"
#include "read/mount/page_cache.h"

enum { CACHE_BYTES = 4 << 20 };

/* The state of one reader. */
struct decoder {
    struct cramfs_inflater *inflater;
    struct decoder *next;
    unsigned char page[CRAMFS_MAX_PAGE_SIZE];
};

struct pages {
    const struct cramfs_image *image;
    struct page_cache *cache;
    pthread_mutex_t lock;   /* of the list */
    struct decoder *unused; /* at most as many as readers were active at once */
};

struct pages *pages_create(const struct cramfs_image *image)
{
    struct pages *pages = calloc(1, sizeof(*pages));
    if (!pages)
        return NULL;
    pthread_mutex_init(&pages->lock, NULL);
    pages->image = image;
    pages->cache = page_cache_create(CACHE_BYTES / image->page_size, image->page_size);
    if (pages->cache)
        return pages;
    pages_free(pages);
    return NULL;
}

void pages_free(struct pages *pages)
{
    if (!pages)
        return;
    while (pages->unused) {
        struct decoder *decoder = pages->unused;
        pages->unused = decoder->next;
        with_inflater_free(decoder);
    }
    page_cache_free(pages->cache);
    pthread_mutex_destroy(&pages->lock);
    free(pages);
}

/* NULL when memory runs out. */
static struct decoder *take_decoder(struct pages *pages)
{
    pthread_mutex_lock(&pages->lock);
    struct decoder *decoder = pages->unused;
    if (decoder)
        pages->unused = decoder->next;
    pthread_mutex_unlock(&pages->lock);
    return decoder ? decoder : with_inflater_create(sizeof(*decoder));
}

static void give_decoder_back(struct pages *pages, struct decoder *decoder)
{
    pthread_mutex_lock(&pages->lock);
    decoder->next = pages->unused;
    pages->unused = decoder;
    pthread_mutex_unlock(&pages->lock);
}

static int read_block(struct pages *pages, struct decoder *decoder,
                      const struct cramfs_table *table, uint32_t index, uint32_t from,
                      uint32_t length, unsigned char *to)
{
    const struct page_key key = {table->offset, table->size, index};
    struct cramfs_block block;
    cramfs_block_locate(table, index, &block);
    if (length == block.file_bytes)
        return cramfs_image_read_block(pages->image, &block, decoder->inflater, to, NULL);
    if (page_cache_get(pages->cache, &key, from, length, to))
        return 0;
    int error =
        cramfs_image_read_block(pages->image, &block, decoder->inflater, decoder->page, NULL);
    if (error)
        return error;
    memcpy(to, decoder->page + from, length);
    page_cache_put(pages->cache, &key, decoder->page);
    return 0;
}

int pages_read(struct pages *pages, const struct cramfs_inode *inode, uint64_t offset,
               size_t length, unsigned char *to, size_t *got)
{
    struct cramfs_table table = cramfs_image_table(pages->image, inode);
    uint64_t size = attributes_size(inode);
    *got = 0;
    if (offset >= size)
        return 0;
    if (length > size - offset)
        length = (size_t)(size - offset);
    struct decoder *decoder = take_decoder(pages);
    int error = decoder ? 0 : -CRAMFS_ERR_MEMORY;
    while (!error && *got < length) {
        uint32_t index = (uint32_t)((offset + *got) / table.page_size);
        uint32_t from = (uint32_t)((offset + *got) % table.page_size);
        size_t rest = length - *got;
        uint32_t part = rest < table.page_size - from ? (uint32_t)rest : table.page_size - from;
        error = read_block(pages, decoder, &table, index, from, part, to + *got);
        *got += part;
    }
    if (decoder)
        give_decoder_back(pages, decoder);
    return error;
}

int pages_target(struct pages *pages, const struct cramfs_inode *inode, char **target)
{
    uint32_t most = pages->image->page_size - 1;
    size_t got;
    char *text = malloc(pages->image->page_size);
    int error =
        text ? pages_read(pages, inode, 0, most, (unsigned char *)text, &got) : -CRAMFS_ERR_MEMORY;
    if (error) {
        free(text);
        return error;
    }
    text[judge_text_length((unsigned char *)text, (uint32_t)got)] = '\0';
    *target = text;
    return 0;
}
