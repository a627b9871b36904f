#include "pack/layout/arranging.h"

#include "base/array.h"

/*
 * Whether other slots can share the piece only by a plain pointer, as in the older image. Every
 * slot can share a new piece: it may still become a head.
 */
static bool hard_to_share(const struct piece *piece)
{
    return piece->fixed && !piece->head && !piece->in_place;
}

/* Makes the piece the one to share for its block, unless the block has one that is as good. */
static int offer(struct arranging *arranging, uint32_t block, uint32_t number)
{
    uint32_t original = arranging_original(arranging, block);
    while (arranging->shareable_count <= original) {
        if (!ARRAY_GROW(arranging, shareable))
            return -CRAMFS_ERR_MEMORY;
        arranging->shareable[arranging->shareable_count++] = NO_PIECE;
    }
    uint32_t *known = &arranging->shareable[original];
    if (*known == NO_PIECE || hard_to_share(&arranging->out->pieces[*known]))
        *known = number;
    return 0;
}

int arranging_add(struct arranging *arranging, uint32_t slot, uint32_t block, bool in_place)
{
    struct arrangement *out = arranging->out;
    if (!ARRAY_GROW(out, pieces))
        return -CRAMFS_ERR_MEMORY;
    uint32_t number = (uint32_t)out->pieces_count++;
    out->pieces[number] = (struct piece){
        .block = block,
        .table = arranging->at.number,
        .slot = slot,
        .first_table = arranging->at.number,
        .first_slot = slot,
        .in_place = in_place,
        .starts = !in_place && arranging->at.previous == NO_PIECE && !arranging->at.table->fixed,
    };
    arranging->at.table->pieces_count += !in_place;
    return offer(arranging, block, number);
}

struct wanted_piece {
    const struct arranging *arranging;
    uint64_t offset;
};

static bool stays_there(void *context, uint32_t number)
{
    const struct wanted_piece *wanted = context;
    return wanted->arranging->out->pieces[number].offset == wanted->offset;
}

uint32_t arranging_find_fixed(const struct arranging *arranging, const struct kept_slot *kept)
{
    struct wanted_piece wanted = {arranging, kept->offset};
    uint32_t number;
    bool found = hash_index_find(&arranging->fixed_index, hash_mix(0, kept->offset), stays_there,
                                 &wanted, &number);
    return found ? number : NO_PIECE;
}

int arranging_add_fixed(struct arranging *arranging, uint32_t slot, bool in_place)
{
    const struct kept_slot *kept = &arranging->at.kept[slot];
    uint32_t number = (uint32_t)arranging->out->pieces_count;
    int error = arranging_add(arranging, slot, kept->block, in_place);
    if (error)
        return error;
    struct piece *piece = &arranging->out->pieces[number];
    piece->fixed = true;
    piece->rewritten = kept->rewritten;
    piece->offset = kept->offset;
    piece->head = kept->head && !in_place;
    piece->plain_only = !kept->head;
    piece->starts = false;
    return hash_index_add(&arranging->fixed_index, hash_mix(0, kept->offset), number);
}

/*
 * Records the owner of a piece. Blocks in place get their pieces before all others, but bytes
 * belong to the first table that points to them.
 */
static void note_pointer(const struct arranging *arranging, uint32_t slot, struct piece *piece)
{
    if (arranging->at.number < piece->first_table ||
        (arranging->at.number == piece->first_table && slot < piece->first_slot)) {
        piece->first_table = arranging->at.number;
        piece->first_slot = slot;
    }
}

void arranging_set(struct arranging *arranging, uint32_t slot, uint32_t piece)
{
    arranging->out->slots[arranging->at.table->first_slot + slot] = piece;
    if (piece == SLOT_HOLE)
        return;
    arranging->at.previous = piece;
    note_pointer(arranging, slot, &arranging->out->pieces[piece]);
}
