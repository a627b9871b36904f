#include "pack/blocks/plain_pages.h"

#include <string.h>

enum {
    MOST_BYTES = 44 << 20,
    CLASSES = 64, /* of pages, by how well they compress; the first class compresses best */
};

static unsigned class_of(const struct encoded_block *deflated)
{
    return (unsigned)((uint64_t)deflated->length * CLASSES / deflated->file_bytes);
}

/* How much the pages in place make the image larger: not known if there is no budget. */
static uint64_t most_growth(const struct plain_pages *plain, uint64_t budget)
{
    if (budget == UINT64_MAX)
        return 0;
    return budget < plain->cost ? budget : plain->cost;
}

unsigned char *plain_pages_take(struct block_store *store, uint32_t page_size)
{
    struct plain_pages *plain = &store->plain;
    unsigned char *slot = plain->unused;
    if (slot)
        memcpy(&plain->unused, slot, sizeof(plain->unused));
    else
        slot = arena_take(&plain->arena, page_size);
    if (slot)
        plain->bytes += page_size;
    return slot;
}

void plain_pages_give_back(struct block_store *store, unsigned char *slot, uint32_t page_size)
{
    struct plain_pages *plain = &store->plain;
    memcpy(slot, &plain->unused, sizeof(plain->unused));
    plain->unused = slot;
    plain->bytes -= page_size;
}

/* Gives the block in place the data of its deflated twin. */
static void drop(struct block_store *store, const struct encoded_block *deflated,
                 struct encoded_block *placed, uint32_t page_size)
{
    plain_pages_give_back(store, (unsigned char *)(uintptr_t)placed->data, page_size);
    placed->data = deflated->data;
    placed->stream_length = deflated->length;
    placed->slot = false;
}

static void drop_lowest(struct block_store *store, uint32_t page_size)
{
    struct plain_pages *plain = &store->plain;
    for (size_t i = 0; i < store->blocks_count; i++) {
        const struct encoded_block *deflated = &store->blocks[i];
        if (deflated->form == FORM_DEFLATED && deflated->placed != NO_BLOCK &&
            class_of(deflated) == plain->lowest && store->blocks[deflated->placed].slot)
            drop(store, deflated, &store->blocks[deflated->placed], page_size);
    }
    plain->lowest++;
}

void plain_pages_keep(struct block_store *store, uint32_t deflated, const void *raw,
                      const struct cramfs_plan_options *options)
{
    struct plain_pages *plain = &store->plain;
    const struct encoded_block *block = &store->blocks[deflated];
    struct encoded_block *placed = &store->blocks[block->placed];
    plain->cost += placed->length - block->length;
    if (class_of(block) < plain->lowest)
        return;
    unsigned char *slot = plain_pages_take(store, options->page_size);
    if (!slot)
        return;
    memcpy(slot, raw, placed->length);
    placed->data = slot;
    placed->stream_length = 0;
    placed->slot = true;
    uint64_t most = MOST_BYTES + most_growth(plain, options->budget);
    while (plain->bytes > most && plain->lowest < CLASSES)
        drop_lowest(store, options->page_size);
}
