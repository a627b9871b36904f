/*
 * Slots that are not in place: which piece of another table a slot shares, and where it needs its
 * own.
 */
#include <stdlib.h>

#include "cramfs/block.h"
#include "pack/blocks/last_page.h"
#include "pack/layout/arranging.h"

static struct encoded_block *block_of(const struct arranging *arranging, uint32_t piece)
{
    return &arranging->encoded->store.blocks[arranging->out->pieces[piece].block];
}

static bool direct_ok(const struct arranging *arranging, uint32_t block, uint32_t slot)
{
    return direct_reads_right(&arranging->encoded->store.blocks[block], slot, arranging->at.slots,
                              arranging->at.size, arranging->options->page_size);
}

/* Whether a plain pointer reaches `piece` from the piece before it: they are side by side. */
static bool chains(const struct arranging *arranging, uint32_t before, uint32_t piece)
{
    if (before == NO_PIECE || piece != before + 1 || piece >= arranging->out->pieces_count)
        return false;
    const struct piece *first = &arranging->out->pieces[before];
    const struct piece *second = &arranging->out->pieces[piece];
    if (first->in_place || second->in_place)
        return false;
    if (first->fixed || second->fixed)
        return first->fixed && second->fixed && !second->head &&
               piece_end(arranging->encoded, first, arranging->options->page_size) ==
                   second->offset;
    return first->table == second->table && !second->starts;
}

/* Points a slot at an existing piece, by the only kind of pointer that can reach it. */
static void point_at(struct arranging *arranging, uint32_t slot, uint32_t number)
{
    struct piece *piece = &arranging->out->pieces[number];
    if (!piece->in_place) {
        bool plain = piece->starts ? piece->table == arranging->at.number &&
                                         arranging->at.previous == NO_PIECE
                                   : chains(arranging, arranging->at.previous, number);
        if (!plain)
            piece->head = true;
        else if (!piece->head && !direct_ok(arranging, piece->block, slot))
            piece->plain_only = true;
    }
    arranging_set(arranging, slot, number);
}

static int encode_twin(struct arranging *arranging, const struct encoded_block *stored,
                       unsigned char *bytes, uint32_t *length)
{
    if (!arranging->deflater)
        arranging->deflater =
            cramfs_deflater_create(arranging->options->compressor, arranging->options->level);
    if (!arranging->deflater)
        return -CRAMFS_ERR_MEMORY;
    *length = (uint32_t)cramfs_deflate(arranging->deflater, stored->data, stored->length, bytes,
                                       cramfs_deflate_bound(stored->length));
    return *length ? 0 : -CRAMFS_ERR_MEMORY;
}

/*
 * Makes a zlib stream of the same bytes, though it is not smaller. The last block of a file of
 * whole pages needs it where only a direct pointer can reach it, since a direct stored block would
 * read as a hole. `must` means that no other pointer can.
 */
static int deflate_anyway(struct arranging *arranging, bool must, uint32_t *block)
{
    struct encoded_block twin = arranging->encoded->store.blocks[*block];
    uint64_t hash = hash_bytes(twin.data, twin.length, 0);
    unsigned char *bytes = malloc(cramfs_deflate_bound(twin.length));
    int error = bytes ? encode_twin(arranging, &twin, bytes, &twin.length) : -CRAMFS_ERR_MEMORY;
    twin.form = FORM_DEFLATED;
    twin.data = bytes;
    twin.lasting = false;
    if (!error && twin.length <= UINT16_MAX)
        error = block_store_add(&arranging->encoded->store, &twin, hash, block);
    else if (!error && must)
        error = cramfs_node_fail(
            arranging->diags, CRAMFS_ERR_LIMIT, arranging->tree->nodes[arranging->at.table->node],
            "a file of whole pages needs a last page that compresses to at most 65535 bytes, the "
            "limit "
            "of a direct pointer; append a byte to it, or use a smaller page size");
    free(bytes);
    return error;
}

static int place_own(struct arranging *arranging, uint32_t slot)
{
    uint32_t block = arranging->at.refs[slot];
    uint32_t number = (uint32_t)arranging->out->pieces_count;
    bool follows_own = arranging->at.previous != NO_PIECE && arranging->at.previous + 1 == number &&
                       !arranging->out->pieces[arranging->at.previous].in_place &&
                       !arranging->out->pieces[arranging->at.previous].fixed &&
                       arranging->out->pieces[arranging->at.previous].table == arranging->at.number;
    bool plain = follows_own || (arranging->at.previous == NO_PIECE && !arranging->at.table->fixed);
    int error = 0;
    if ((!plain || arranging->large) && !arranging->options->legacy &&
        !direct_ok(arranging, block, slot))
        error = deflate_anyway(arranging, !plain, &block);
    if (!error)
        error = arranging_add(arranging, slot, block, false);
    if (!error)
        point_at(arranging, slot, number);
    return error;
}

/*
 * Whether the piece is compressed as in the older image, while the slot's file is to be stored;
 * pack/like keeps no such block for it either.
 */
static bool is_not_raw(const struct arranging *arranging, uint32_t slot, uint32_t number)
{
    const struct block_store *store = &arranging->encoded->store;
    return arranging->kept && block_of(arranging, number)->form == FORM_DEFLATED &&
           store->blocks[arranging->at.refs[slot]].form == FORM_STORED &&
           direct_ok(arranging, arranging->at.refs[slot], slot) &&
           arranging->kept->tables[arranging->at.number].raw;
}

/* Whether this slot can point at the piece at all, if `before` is the piece before it. */
static bool can_share(const struct arranging *arranging, uint32_t slot, uint32_t before,
                      uint32_t number)
{
    const struct piece *piece = &arranging->out->pieces[number];
    if (arranging_separate(arranging) && block_of(arranging, number)->form != FORM_DEFLATED)
        return false;
    if (is_not_raw(arranging, slot, number))
        return false;
    if (chains(arranging, before, number) && !piece->head)
        return true;
    return !piece->plain_only && direct_ok(arranging, piece->block, slot);
}

/*
 * How many slots from `slot` on could use the pieces from `number` on, holes between them included;
 * 0 when sharing them saves less than the additional heads cost.
 */
static uint32_t shared_run(const struct arranging *arranging, uint32_t slot, uint32_t number)
{
    uint32_t before = arranging->at.previous;
    uint64_t cost =
        chains(arranging, before, number) || arranging->out->pieces[number].head ? 0 : HEAD_COST;
    uint64_t saved = 0;
    uint32_t end = slot;
    /* A slot with a place in the older image keeps it: the next slot may count on that. */
    for (uint32_t at = slot; at < arranging->at.slots && !slot_kept(arranging, at); at++) {
        if (at == arranging->at.before_last)
            break;
        if (arranging->at.refs[at] == REF_HOLE)
            continue;
        if (at > slot && !chains(arranging, before, number))
            break;
        if (arranging_original(arranging, arranging->out->pieces[number].block) !=
                arranging->at.refs[at] ||
            !can_share(arranging, at, before, number))
            break;
        saved += block_of(arranging, number)->length;
        end = at + 1;
        before = number++;
    }
    /* The piece after the run needs a head of its own. */
    if (end < arranging->at.slots)
        cost += HEAD_COST;
    return saved > cost ? end - slot : 0;
}

/* The piece to share from, or NO_PIECE: the next one of the current chain, or the block's own. */
static uint32_t find_piece(const struct arranging *arranging, uint32_t block)
{
    uint32_t next = arranging->at.previous + 1;
    if (chains(arranging, arranging->at.previous, next) &&
        arranging_original(arranging, arranging->out->pieces[next].block) == block)
        return next;
    return arranging_shareable(arranging, block);
}

/* Whether the block is in place anyway, for another file or for another part of this one. */
static bool stands_in_place(const struct arranging *arranging, uint32_t slot, uint32_t *number)
{
    const struct encoded_tree *encoded = arranging->encoded;
    const struct encoded_block *block = &encoded->store.blocks[arranging->at.refs[slot]];
    if (!better_in_place(arranging->options, encoded,
                         &encoded->contents[arranging->at.table->content], slot))
        return false;
    *number = arranging_shareable(arranging, block->placed);
    return *number != NO_PIECE;
}

/* Finds pieces for one or more slots from `slot` on; returns how many, or a negative error. */
static int64_t arrange_blocks(struct arranging *arranging, uint32_t slot)
{
    uint32_t number;
    if (slot != arranging->at.before_last && stands_in_place(arranging, slot, &number)) {
        point_at(arranging, slot, number);
        arranging->out->shared_slots++;
        return 1;
    }
    number = find_piece(arranging, arranging->at.refs[slot]);
    uint32_t run = 0;
    if (!arranging->options->legacy && number != NO_PIECE)
        run = shared_run(arranging, slot, number);
    if (!run) {
        int error = place_own(arranging, slot);
        return error ? error : 1;
    }
    for (uint32_t i = 0; i < run; i++) {
        if (arranging->at.refs[slot + i] == REF_HOLE) {
            arranging_set(arranging, slot + i, SLOT_HOLE);
            arranging->out->hole_slots++;
        } else {
            point_at(arranging, slot + i, number++);
            arranging->out->shared_slots++;
        }
    }
    return run;
}

static int64_t arrange_fixed(struct arranging *arranging, uint32_t slot)
{
    uint32_t number = arranging_find_fixed(arranging, &arranging->at.kept[slot]);
    int error = 0;
    if (number == NO_PIECE) {
        number = (uint32_t)arranging->out->pieces_count;
        error = arranging_add_fixed(arranging, slot, false);
    } else {
        arranging->out->shared_slots++;
    }
    if (error)
        return error;
    arranging_set(arranging, slot, number);
    return 1;
}

/*
 * Finds the slot whose piece the last piece must follow because only a plain pointer can reach it:
 * the last slot before it that is not a hole.
 */
static int find_before_last(struct arranging *arranging)
{
    struct cursor *at = &arranging->at;
    bool needs_plain = false;
    if (at->slots < 2 || arranging->options->legacy || at->refs[at->slots - 1] == REF_HOLE ||
        direct_ok(arranging, at->refs[at->slots - 1], at->slots - 1))
        return 0;
    const struct encoded_block *last = &arranging->encoded->store.blocks[at->refs[at->slots - 1]];
    int error = last_page_needs_plain(arranging->options, last->data, last->length, &needs_plain);
    for (uint32_t i = at->slots - 1; needs_plain && i-- > 0;) {
        if (at->refs[i] != REF_HOLE) {
            at->before_last = i;
            break;
        }
    }
    return error;
}

int arrange_chains(struct arranging *arranging)
{
    int error = find_before_last(arranging);
    if (error)
        return error;
    for (uint32_t slot = 0; slot < arranging->at.slots;) {
        int64_t served = 1;
        if (slot_in_place(arranging, slot)) {
            arranging->at.previous = arranging->out->slots[arranging->at.table->first_slot + slot];
        } else if (slot_kept(arranging, slot)) {
            served = arrange_fixed(arranging, slot);
        } else if (arranging->at.refs[slot] == REF_HOLE) {
            arranging_set(arranging, slot, SLOT_HOLE);
            arranging->out->hole_slots++;
        } else {
            served = arrange_blocks(arranging, slot);
        }
        if (served < 0)
            return (int)served;
        slot += (uint32_t)served;
    }
    return 0;
}
