#include "pack/blocks/block_bytes.h"

#include <string.h>

#include "codec/with_inflater.h"

struct block_inflater *block_inflater_create(void)
{
    return with_inflater_create(sizeof(struct block_inflater));
}

void block_inflater_free(struct block_inflater *inflater)
{
    with_inflater_free(inflater);
}

/* Inflates the block's data to `length` bytes in inflater->page. */
static bool inflate(const struct encoded_block *block, uint32_t length,
                    struct block_inflater *inflater, size_t *used)
{
    size_t written;
    return cramfs_inflate(inflater->inflater, block->data, block_data_length(block), inflater->page,
                          length, used, &written) == 0 &&
           written == length;
}

const unsigned char *block_bytes(const struct encoded_block *block, struct block_inflater *inflater)
{
    size_t used;
    if (!block->stream_length)
        return block->data;
    return inflate(block, block->length, inflater, &used) ? inflater->page : NULL;
}

bool block_has_bytes(const struct encoded_block *block, const void *raw, uint32_t length,
                     struct block_inflater *inflater)
{
    const unsigned char *bytes = block->data;
    size_t used;
    if (block->file_bytes != length)
        return false;
    if (block->form == FORM_DEFLATED || block->stream_length) {
        if (!inflate(block, length, inflater, &used))
            return false;
        bytes = inflater->page;
    }
    return memcmp(bytes, raw, length) == 0;
}

bool older_page_inflates_to(const struct older_page *older, const void *raw, uint32_t length,
                            struct block_inflater *inflater, uint32_t *used)
{
    size_t taken = older->used;
    const unsigned char *bytes = older->bytes;
    if (!older->block.data || older->block.form != FORM_DEFLATED ||
        older->block.file_bytes != length)
        return false;
    if (!bytes) {
        if (!inflate(&older->block, length, inflater, &taken))
            return false;
        bytes = inflater->page;
    }
    *used = (uint32_t)taken;
    return memcmp(bytes, raw, length) == 0;
}
