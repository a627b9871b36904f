/*
 * Which blocks of one old file stay, for the table that takes its place.
 *
 * First every slot is tried with the table where it was. If moving everything that can move would
 * cost less, the slots are tried again: with a new place for the table, and nothing rewritten.
 */
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "format/bytes.h"
#include "pack/like/fitting.h"

/* Whether the new block can take the old block's bytes, with zeroes after it. */
static bool fits(const struct keep_fitting *fitting, uint32_t slot, uint32_t ref)
{
    const struct encoded_block *block = &fitting->keeping->encoded->store.blocks[ref];
    const struct old_block *old = block_of(fitting, slot);
    if (fitting->keeping->uses[slot_of(fitting, slot)->block] != USE_NONE)
        return false;
    if (old->stored)
        return block->form == FORM_STORED && block->length == old->length &&
               block->file_bytes == old->file_bytes;
    return block->form == FORM_DEFLATED && block->length <= old->length;
}

static void lose_chain(struct keep_fitting *fitting, uint32_t ref)
{
    fitting->moved += fitting->keeping->encoded->store.blocks[ref].length;
    fitting->end = NOWHERE;
}

static void fit_chain_slot(struct keep_fitting *fitting, uint32_t slot, bool rewrite)
{
    struct keeping *keeping = fitting->keeping;
    uint32_t ref = fitting->refs[slot];
    if (!fitting_reachable(fitting, slot)) {
        if (rewrite && fit_head(fitting, slot))
            return;
        lose_chain(fitting, ref);
        return;
    }
    const struct old_slot *old = slot_of(fitting, slot);
    const struct old_block *block = block_of(fitting, slot);
    bool same =
        old_serves(keeping->old, keeping->encoded, old, fitting->content, slot, fitting->raw);
    if (!same && !(rewrite && fits(fitting, slot, ref))) {
        lose_chain(fitting, ref);
        return;
    }
    if (same) {
        fitting->kept += old->direct ? 0 : block->length;
        keeping->uses[old->block] = old->direct ? USE_HEAD : USE_PLAIN;
    } else {
        fitting->written += block->length;
        fitting_erases(fitting, block->offset, block->length);
        keeping->uses[old->block] = USE_REWRITTEN;
    }
    fitting->slots[slot] =
        (struct kept_slot){.offset = piece_offset(old, block), .block = ref, .head = old->direct};
    fitting->end = block_end(piece_offset(old, block), block->length, block->stored, old->direct,
                             keeping->options->page_size);
}

/*
 * Whether the old slot led to a page in place of another file, and arrange.c will find that page
 * again.
 */
static bool led_in_place(const struct keep_fitting *fitting, uint32_t slot)
{
    const struct keeping *keeping = fitting->keeping;
    if (slot >= fitting->file->slots_count || slot_of(fitting, slot)->block == OLD_NONE ||
        !slot_of(fitting, slot)->direct || !block_of(fitting, slot)->stored ||
        !better_in_place(keeping->options, keeping->encoded, fitting->content, slot))
        return false;
    return keeping->in_place[keeping->encoded->store.blocks[fitting->refs[slot]].placed];
}

/* Tries the slots that are not in place, one after the other. */
static void fit_chains(struct keep_fitting *fitting, bool rewrite)
{
    uint32_t slots = fitting->content->refs_count;
    fitting->end =
        fitting->stays ? fitting->file->table + (uint64_t)slots * CRAMFS_POINTER_SIZE : NOWHERE;
    for (uint32_t i = 0; i < slots; i++) {
        if (fitting->refs[i] == REF_HOLE) {
            /* Its pointer repeats the end; after 1 GiB it leads to the zero word instead. */
            if (fitting->end != NOWHERE && fitting->end > CRAMFS_MAX_PLAIN_END)
                fitting->end = NOWHERE;
        } else if (in_place(fitting, i)) {
            fitting->end = NOWHERE; /* the run may still move for another one */
        } else if (led_in_place(fitting, i)) {
            fitting->end = NOWHERE;
        } else {
            fit_chain_slot(fitting, i, rewrite);
        }
    }
    if (fitting->stays && fitting->moved)
        fitting_erases(fitting, fitting->file->table, (uint64_t)slots * CRAMFS_POINTER_SIZE);
}

static void forget_chains(struct keep_fitting *fitting, const unsigned char *uses)
{
    for (uint32_t i = 0; i < fitting->content->refs_count; i++) {
        if (fitting->refs[i] != REF_HOLE && !in_place(fitting, i))
            fitting->slots[i].block = NO_BLOCK;
        if (i < fitting->file->slots_count && slot_of(fitting, i)->block != OLD_NONE)
            fitting->keeping->uses[slot_of(fitting, i)->block] = uses[i];
    }
    fitting->kept = fitting->moved = fitting->written = fitting->erased = 0;
}

/* Compares, in bytes to write, the cost of staying with that of moving all blocks that can move. */
static bool better_moved(const struct keep_fitting *fitting, const struct cramfs_node *node)
{
    const struct keeping *keeping = fitting->keeping;
    uint64_t unit = keeping->options->erase_block;
    uint64_t entry = keep_entry_offset(keeping, node);
    uint64_t move = fitting->kept + fitting->written +
                    (uint64_t)fitting->content->refs_count * CRAMFS_POINTER_SIZE;
    if (!fitting->written && !fitting->moved)
        return false;
    /* Without direct pointers a chain stays as a whole or not at all. */
    if (keeping->options->legacy && fitting->moved)
        return true;
    if (entry && !erase_block_changed(&keeping->erase_blocks, entry / unit))
        move += unit;
    /* Otherwise prefer what stays: it leaves no unused room. */
    return keeping->prefer_moves ? move < fitting->erased * unit
                                 : !fitting->kept && !fitting->written;
}

/* Adds an encoding for one slot that the tree does not have. */
static int add_encoding(struct keeping *keeping, const void *data, uint32_t length, bool stored,
                        uint32_t ref, uint32_t *number)
{
    struct encoded_block block = keeping->encoded->store.blocks[ref];
    block.data = data;
    block.length = length;
    block.form = stored ? FORM_STORED : FORM_DEFLATED;
    block.lasting = false;
    int error =
        block_store_add(&keeping->encoded->store, &block, hash_bytes(data, length, ref), number);
    return error ? error : old_note_encoding(keeping->old, *number, ref);
}

/* Adds an encoding of the slot's deflated block: these bytes, and zeroes up to `padded_length`. */
static int add_padded(struct keep_fitting *fitting, uint32_t slot, const void *data,
                      uint32_t length, uint32_t padded_length)
{
    unsigned char *padded = calloc(1, padded_length);
    if (!padded)
        return -CRAMFS_ERR_MEMORY;
    memcpy(padded, data, length);
    int error = add_encoding(fitting->keeping, padded, padded_length, false, fitting->refs[slot],
                             &fitting->slots[slot].block);
    free(padded);
    return error;
}

/* Makes the slot's block end exactly where the old one does. */
static int settle_slot(struct keep_fitting *fitting, uint32_t slot)
{
    struct keeping *keeping = fitting->keeping;
    const struct old_block *old = block_of(fitting, slot);
    const struct kept_slot *kept = &fitting->slots[slot];
    uint32_t ref = fitting->refs[slot];
    const struct encoded_block *block = &keeping->encoded->store.blocks[ref];
    const unsigned char *bytes = keeping->old->like->bytes + old->offset;
    bool same = keeping->uses[slot_of(fitting, slot)->block] != USE_REWRITTEN;
    if (kept->head && !slot_of(fitting, slot)->direct) {
        uint64_t begin = kept->offset + CRAMFS_DIRECT_PREFIX;
        return add_padded(fitting, slot, bytes, old->length,
                          (uint32_t)(old->offset + old->length - begin));
    }
    if (block->length == old->length && (!same || memcmp(bytes, block->data, old->length) == 0))
        return 0;
    if (same)
        return add_encoding(keeping, bytes, old->length, old->stored, ref,
                            &fitting->slots[slot].block);
    return add_padded(fitting, slot, block->data, block->length, old->length);
}

static int settle(struct keep_fitting *fitting)
{
    struct keeping *keeping = fitting->keeping;
    int error = 0;
    for (uint32_t i = 0; !error && i < fitting->content->refs_count; i++) {
        struct kept_slot *slot = &fitting->slots[i];
        if (slot->block == NO_BLOCK || in_place(fitting, i))
            continue;
        const struct old_block *old = block_of(fitting, i);
        if (keeping->uses[slot_of(fitting, i)->block] == USE_REWRITTEN)
            erase_blocks_mark(&keeping->erase_blocks, slot->offset,
                              old->offset + old->length - slot->offset);
        error = settle_slot(fitting, i);
        if (!error)
            error =
                room_take(&keeping->room, slot->offset, old->offset + old->length - slot->offset);
    }
    if (!error && fitting->stays) {
        uint64_t length = (uint64_t)fitting->content->refs_count * CRAMFS_POINTER_SIZE;
        error = room_take(&keeping->room, fitting->file->table, length);
        if (fitting->moved)
            erase_blocks_mark(&keeping->erase_blocks, fitting->file->table, length);
    }
    return error;
}

static int fit(struct keep_fitting *fitting, const struct cramfs_node *node, unsigned char *uses)
{
    struct keeping *keeping = fitting->keeping;
    uint32_t slots = fitting->content->refs_count;
    int error = fit_runs(fitting);
    if (error)
        return error;
    for (uint32_t i = 0; i < fitting->file->slots_count; i++) {
        uint32_t block = slot_of(fitting, i)->block;
        uses[i] = block == OLD_NONE ? USE_NONE : keeping->uses[block];
    }
    fitting->stays =
        slots == fitting->file->slots_count && fitting->file->table >= keeping->front &&
        room_is_free(&keeping->room, fitting->file->table, (uint64_t)slots * CRAMFS_POINTER_SIZE);
    fit_chains(fitting, true);
    if (better_moved(fitting, node)) {
        forget_chains(fitting, uses);
        fitting->stays = false;
        fit_chains(fitting, false);
    }
    return settle(fitting);
}

int keep_table(struct keeping *keeping, uint32_t table, uint32_t file)
{
    const struct table *new_table = &keeping->arrangement->tables[table];
    const struct content *content = &keeping->encoded->contents[new_table->content];
    if (!array_reserve(&keeping->slots, sizeof(*keeping->slots), keeping->slots_count,
                       &keeping->slots_capacity, content->refs_count))
        return -CRAMFS_ERR_MEMORY;
    struct keep_fitting fitting = {
        .keeping = keeping,
        .file = &keeping->old->files[file],
        .content = content,
        .refs = &keeping->encoded->refs[content->first_ref],
        .raw = keeping->tables[table].raw,
        .slots = &keeping->slots[keeping->slots_count],
    };
    for (uint32_t i = 0; i < content->refs_count; i++)
        fitting.slots[i] = (struct kept_slot){.block = NO_BLOCK};
    unsigned char *uses = malloc(fitting.file->slots_count);
    int error =
        uses ? fit(&fitting, keeping->tree->nodes[new_table->node], uses) : -CRAMFS_ERR_MEMORY;
    free(uses);
    keeping->tables[table] = (struct kept_table){
        .first_slot = keeping->slots_count,
        .paired = true,
        .stays = fitting.stays,
        .raw = fitting.raw,
        .offset = fitting.file->table,
    };
    keeping->slots_count += content->refs_count;
    keeping->table_of_file[file] = table;
    return error;
}
