#include "pack/blocks/store.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "cramfs/diag.h"

static bool same_block(const struct encoded_block *a, const struct encoded_block *b)
{
    return a->form == b->form && a->length == b->length && a->file_bytes == b->file_bytes &&
           a->stream_length == b->stream_length &&
           (a->data == b->data || memcmp(a->data, b->data, block_data_length(a)) == 0);
}

struct wanted_store_block {
    const struct block_store *store;
    const struct encoded_block *block;
};

static bool is_block(void *context, uint32_t number)
{
    const struct wanted_store_block *wanted = context;
    return same_block(&wanted->store->blocks[number], wanted->block);
}

int block_store_add(struct block_store *store, const struct encoded_block *block, uint64_t hash,
                    uint32_t *number)
{
    struct wanted_store_block wanted = {store, block};
    if (hash_index_find(&store->index, hash, is_block, &wanted, number))
        return 0;
    return block_store_append(store, block, hash, number);
}

int block_store_append(struct block_store *store, const struct encoded_block *block, uint64_t hash,
                       uint32_t *number)
{
    struct encoded_block copy = *block;
    copy.placed = NO_BLOCK;
    if (!copy.lasting) {
        unsigned char *data = arena_take(&store->arena, block_data_length(block));
        if (!data)
            return -CRAMFS_ERR_MEMORY;
        memcpy(data, block->data, block_data_length(block));
        copy.data = data;
    }
    if (!ARRAY_GROW(store, blocks))
        return -CRAMFS_ERR_MEMORY;
    *number = (uint32_t)store->blocks_count;
    store->blocks[store->blocks_count++] = copy;
    return hash_index_add(&store->index, hash, *number);
}

struct wanted_form {
    const struct block_store *store;
    uint32_t file_bytes; /* length of the file's bytes in it */
    bool in_place;
};

/* The caller compares the bytes. */
static bool is_deflated(void *context, uint32_t number)
{
    const struct wanted_form *wanted = context;
    const struct encoded_block *found = &wanted->store->blocks[number];
    return found->form == FORM_DEFLATED && found->file_bytes == wanted->file_bytes;
}

static bool has_form(void *context, uint32_t number)
{
    const struct wanted_form *wanted = context;
    return (wanted->store->blocks[number].form == FORM_IN_PLACE) == wanted->in_place;
}

void block_store_find(const struct block_store *store, uint64_t hash, uint32_t file_bytes,
                      struct encoded_block *block)
{
    struct wanted_form wanted = {.store = store, .file_bytes = file_bytes};
    uint32_t number;
    *block = (struct encoded_block){.data = NULL};
    if (hash_index_find(&store->index, hash, is_deflated, &wanted, &number))
        *block = store->blocks[number];
}

uint32_t block_store_next(const struct block_store *store, uint64_t hash, bool in_place,
                          size_t *cursor)
{
    struct wanted_form wanted = {.store = store, .in_place = in_place};
    uint32_t number;
    return hash_index_next(&store->index, hash, has_form, &wanted, cursor, &number) ? number
                                                                                    : NO_BLOCK;
}

void block_store_seal(struct block_store *store)
{
    hash_index_free(&store->index);
}

void block_store_free(struct block_store *store)
{
    arena_free(&store->arena);
    arena_free(&store->plain.arena);
    hash_index_free(&store->index);
    free(store->blocks);
    memset(store, 0, sizeof(*store));
}
