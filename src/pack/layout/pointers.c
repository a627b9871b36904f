#include "pack/layout/pointers.h"

#include <stdlib.h>
#include <string.h>

#include "cramfs/block.h"

static uint32_t direct(uint64_t start, uint32_t stored)
{
    return (uint32_t)(start / CRAMFS_DIRECT_ALIGN) | CRAMFS_POINTER_DIRECT | stored;
}

/*
 * A pointer to `piece`; `*end` is the end of the plain block before it, and becomes the end of this
 * one.
 */
static int piece_pointer(const struct encoded_tree *encoded, const struct piece *piece,
                         uint32_t page_size, uint64_t *end, uint32_t *pointer)
{
    const struct encoded_block *block = &encoded->store.blocks[piece->block];
    uint32_t stored = block->form == FORM_DEFLATED ? 0 : CRAMFS_POINTER_STORED;
    if (piece->head || piece->in_place) {
        if (piece->offset % CRAMFS_DIRECT_ALIGN)
            return -CRAMFS_ERR_INTERNAL;
        *pointer = direct(piece->offset, stored);
        *end = piece_end(encoded, piece, page_size);
        return 0;
    }
    if (*end != piece->offset || *end + block->length > CRAMFS_MAX_PLAIN_END)
        return -CRAMFS_ERR_INTERNAL;
    *end += block->length;
    *pointer = (uint32_t)*end | stored;
    return 0;
}

static int hole_pointer(const struct layout *layout, uint64_t *end, uint32_t *pointer)
{
    if (*end <= CRAMFS_MAX_PLAIN_END) {
        *pointer = (uint32_t)*end;
        return 0;
    }
    if (!layout->zero_word)
        return -CRAMFS_ERR_INTERNAL;
    *pointer = direct(layout->zero_word, 0);
    *end = layout->zero_word + CRAMFS_DIRECT_PREFIX;
    return 0;
}

int table_pointers(const struct encoded_tree *encoded, const struct arrangement *arrangement,
                   const struct layout *layout, uint32_t page_size, const struct table *table,
                   uint32_t **pointers, uint32_t *count)
{
    uint32_t slots = encoded->contents[table->content].refs_count;
    uint64_t end = table->offset + (uint64_t)slots * CRAMFS_POINTER_SIZE;
    *count = slots;
    *pointers = malloc(slots * sizeof(**pointers));
    if (!*pointers)
        return -CRAMFS_ERR_MEMORY;
    for (uint32_t i = 0; i < slots; i++) {
        uint32_t number = arrangement->slots[table->first_slot + i];
        int error = number == SLOT_HOLE ? hole_pointer(layout, &end, &(*pointers)[i])
                                        : piece_pointer(encoded, &arrangement->pieces[number],
                                                        page_size, &end, &(*pointers)[i]);
        if (error)
            return error;
    }
    return 0;
}

static int points_at_zero_word(const struct encoded_tree *encoded,
                               const struct arrangement *arrangement, const struct layout *layout,
                               uint32_t page_size, const struct table *table, bool *found)
{
    uint32_t *pointers;
    uint32_t count;
    int error = table_pointers(encoded, arrangement, layout, page_size, table, &pointers, &count);
    *found = false;
    for (uint32_t i = 0; !error && i < count && !*found; i++)
        *found = pointers[i] == direct(layout->zero_word, 0);
    free(pointers);
    return error;
}

static void give_zero_word(struct layout *layout, bool used, uint32_t table)
{
    size_t i = 0;
    while (layout->spots[i].kind != SPOT_ZERO_WORD)
        i++;
    layout->spots[i].index = table;
    if (used)
        return;
    layout->spots_count--;
    memmove(&layout->spots[i], &layout->spots[i + 1],
            (layout->spots_count - i) * sizeof(*layout->spots));
}

int settle_zero_word(const struct encoded_tree *encoded, const struct arrangement *arrangement,
                     struct layout *layout, uint32_t page_size)
{
    if (!layout->zero_word)
        return 0;
    bool found = false;
    uint32_t table = 0;
    for (; !found && table < arrangement->tables_count; table++) {
        int error = points_at_zero_word(encoded, arrangement, layout, page_size,
                                        &arrangement->tables[table], &found);
        if (error)
            return error;
    }
    give_zero_word(layout, found, found ? table - 1 : 0);
    return 0;
}
