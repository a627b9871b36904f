#include "build/arrange.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "build/keep.h"
#include "cramfs/block.h"

struct arranging {
    const struct cramfs_tree *tree;
    const struct cramfs_plan_options *options;
    struct encoded_tree *encoded;
    const struct keeping *keeping; /* what stays of an older image; NULL: nothing */
    struct arrangement *out;
    struct hash_index fixed_index; /* pieces that stay, by offset */
    struct hash_index runs_index;  /* first pieces of runs in place, by the blocks of the run */
    struct cramfs_diags *diags;
    struct cramfs_deflater *deflater; /* for deflate_anyway(), made when it is wanted */
    bool large; /* plain pointers may not reach everywhere: have no block that needs one */
    const struct kept_slot *kept; /* what stays of the table at work; NULL: nothing */
    /* The table at work: */
    struct table *table;
    uint32_t number;
    const uint32_t *refs;
    uint32_t slots;
    uint32_t size;
    uint32_t previous; /* piece of the last slot that is no hole; NO_PIECE at first */
};

/*
 * What a head costs beyond its data: 2 bytes of length, and up to 3 (on average 1.5) of alignment.
 */
enum { HEAD_COST = 4 };

bool direct_reads_right(const struct encoded_block *block, uint32_t slot, uint32_t slots,
                        uint32_t size, uint32_t page_size)
{
    if (block->form == FORM_DEFLATED)
        return true;
    return block->length == (slot == slots - 1 ? size % page_size : page_size);
}

static struct encoded_block *block_of(const struct arranging *arranging, uint32_t piece)
{
    return &arranging->encoded->store.blocks[arranging->out->pieces[piece].block];
}

static bool direct_ok(const struct arranging *arranging, uint32_t block, uint32_t slot)
{
    return direct_reads_right(&arranging->encoded->store.blocks[block], slot, arranging->slots,
                              arranging->size, arranging->options->page_size);
}

/* The block of the tree that a piece has, maybe in the encoding of an older image. */
static uint32_t original(const struct arranging *arranging, uint32_t block)
{
    return arranging->keeping ? old_original(arranging->keeping->old, block) : block;
}

/* Where the data of a piece that stays end, for a plain pointer behind it. */
static uint64_t fixed_end(const struct arranging *arranging, const struct piece *piece)
{
    const struct encoded_block *block = &arranging->encoded->store.blocks[piece->block];
    bool prefixed = piece->head && block->form == FORM_DEFLATED;
    if (piece->head && !prefixed)
        return piece->offset + arranging->options->page_size;
    return piece->offset + block->length + (prefixed ? CRAMFS_DIRECT_PREFIX : 0);
}

/* Whether a plain pointer reaches `piece` from the one before: they lie side by side. */
static bool chains(const struct arranging *arranging, uint32_t before, uint32_t piece)
{
    if (before == NO_PIECE || piece != before + 1 || piece >= arranging->out->pieces_count)
        return false;
    const struct piece *first = &arranging->out->pieces[before];
    const struct piece *second = &arranging->out->pieces[piece];
    if (first->fixed || second->fixed)
        return first->fixed && second->fixed && !first->in_place && !second->in_place &&
               !second->head && fixed_end(arranging, first) == second->offset;
    return first->table == second->table && !first->in_place && !second->in_place &&
           !second->starts;
}

/* What is in place has its pieces before all else; but bytes belong to what points to them first.
 */
static void note_pointer(const struct arranging *arranging, uint32_t slot, struct piece *piece)
{
    if (arranging->number < piece->first_table ||
        (arranging->number == piece->first_table && slot < piece->first_slot)) {
        piece->first_table = arranging->number;
        piece->first_slot = slot;
    }
}

static void set_slot(struct arranging *arranging, uint32_t slot, uint32_t piece)
{
    arranging->out->slots[arranging->table->first_slot + slot] = piece;
    if (piece == SLOT_HOLE)
        return;
    arranging->previous = piece;
    note_pointer(arranging, slot, &arranging->out->pieces[piece]);
}

/* Points a slot at a piece that is there, by the only kind of pointer that can. */
static void point_at(struct arranging *arranging, uint32_t slot, uint32_t number)
{
    struct piece *piece = &arranging->out->pieces[number];
    if (!piece->in_place) {
        bool plain = piece->starts
                         ? piece->table == arranging->number && arranging->previous == NO_PIECE
                         : chains(arranging, arranging->previous, number);
        if (!plain)
            piece->head = true;
        else if (!piece->head && !direct_ok(arranging, piece->block, slot))
            piece->plain_only = true;
    }
    set_slot(arranging, slot, number);
}

/* Whether others can share the piece in more ways than the one that is known for its block. */
static bool better_known(const struct arranging *arranging, uint32_t known)
{
    const struct piece *piece = known == NO_PIECE ? NULL : &arranging->out->pieces[known];
    return !piece || (piece->fixed && !piece->head && !piece->in_place);
}

static int add_piece(struct arranging *arranging, uint32_t slot, uint32_t block, bool in_place)
{
    struct arrangement *out = arranging->out;
    if (!ARRAY_GROW(out, pieces))
        return -CRAMFS_ERR_MEMORY;
    uint32_t number = (uint32_t)out->pieces_count++;
    out->pieces[number] = (struct piece){
        .block = block,
        .table = arranging->number,
        .slot = slot,
        .first_table = arranging->number,
        .first_slot = slot,
        .in_place = in_place,
        .starts = !in_place && arranging->previous == NO_PIECE && !arranging->table->fixed,
    };
    arranging->table->pieces_count += !in_place;
    struct encoded_block *encoded = &arranging->encoded->store.blocks[original(arranging, block)];
    if (better_known(arranging, encoded->piece))
        encoded->piece = number;
    return 0;
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
    return 0;
}

/*
 * The same bytes as a zlib stream, though it is not smaller: for the last block of a file of whole
 * pages where only a direct pointer can reach it, since a direct stored one would read as a hole.
 * `must` says that no other pointer can.
 */
static int deflate_anyway(struct arranging *arranging, bool must, uint32_t *block)
{
    struct encoded_block twin = arranging->encoded->store.blocks[*block];
    uint64_t hash = hash_bytes(twin.data, twin.length, 0);
    unsigned char *bytes = malloc(cramfs_deflate_bound(twin.length));
    int error = bytes ? encode_twin(arranging, &twin, bytes, &twin.length) : -CRAMFS_ERR_MEMORY;
    twin.form = FORM_DEFLATED;
    twin.data = bytes;
    if (!error && twin.length <= UINT16_MAX)
        error = block_store_add(&arranging->encoded->store, &twin, hash, block);
    else if (!error && must)
        error = cramfs_node_fail(
            arranging->diags, CRAMFS_ERR_LIMIT, arranging->tree->nodes[arranging->table->node],
            "its last page does not compress below the 65535 bytes of a direct pointer, and a "
            "file of whole pages needs that; append a byte to it, or use a smaller page size");
    free(bytes);
    return error;
}

static int place_own(struct arranging *arranging, uint32_t slot)
{
    uint32_t block = arranging->refs[slot];
    uint32_t number = (uint32_t)arranging->out->pieces_count;
    bool follows_own = arranging->previous != NO_PIECE && arranging->previous + 1 == number &&
                       !arranging->out->pieces[arranging->previous].in_place &&
                       !arranging->out->pieces[arranging->previous].fixed &&
                       arranging->out->pieces[arranging->previous].table == arranging->number;
    bool plain = follows_own || (arranging->previous == NO_PIECE && !arranging->table->fixed);
    int error = 0;
    if ((!plain || arranging->large) && !arranging->options->legacy &&
        !direct_ok(arranging, block, slot))
        error = deflate_anyway(arranging, !plain, &block);
    if (!error)
        error = add_piece(arranging, slot, block, false);
    if (!error)
        point_at(arranging, slot, number);
    return error;
}

/*
 * A kernel without MMU keeps direct mappings by address: one that begins where another inode's (or
 * a shorter one of the same inode) begins is a BUG(). There what could be mapped is never shared.
 */
static bool separate(const struct arranging *arranging)
{
    return arranging->options->kernel == CRAMFS_KERNEL_NOMMU;
}

/* Whether this slot can point at the piece at all, coming from `before`. */
static bool can_share(const struct arranging *arranging, uint32_t slot, uint32_t before,
                      uint32_t number)
{
    const struct piece *piece = &arranging->out->pieces[number];
    if (separate(arranging) && block_of(arranging, number)->form != FORM_DEFLATED)
        return false;
    if (chains(arranging, before, number) && !piece->head)
        return true;
    return !piece->plain_only && direct_ok(arranging, piece->block, slot);
}

/*
 * How many slots from `slot` on the pieces from `number` on would serve, holes between them
 * included; 0 when sharing them saves less than the heads that it costs.
 */
static uint32_t shared_run(const struct arranging *arranging, uint32_t slot, uint32_t number)
{
    uint32_t before = arranging->previous;
    uint64_t cost =
        chains(arranging, before, number) || arranging->out->pieces[number].head ? 0 : HEAD_COST;
    uint64_t saved = 0;
    uint32_t end = slot;
    for (uint32_t at = slot; at < arranging->slots; at++) {
        if (arranging->refs[at] == REF_HOLE)
            continue;
        if (at > slot && !chains(arranging, before, number))
            break;
        if (original(arranging, arranging->out->pieces[number].block) != arranging->refs[at] ||
            !can_share(arranging, at, before, number))
            break;
        saved += block_of(arranging, number)->length;
        end = at + 1;
        before = number++;
    }
    /* What comes behind the run needs a head of its own. */
    if (end < arranging->slots)
        cost += HEAD_COST;
    return saved > cost ? end - slot : 0;
}

/* The piece to share from, if any: the next of the chain at hand, or where the block stands. */
static uint32_t find_piece(const struct arranging *arranging, uint32_t block)
{
    uint32_t next = arranging->previous + 1;
    if (chains(arranging, arranging->previous, next) &&
        original(arranging, arranging->out->pieces[next].block) == block)
        return next;
    return arranging->encoded->store.blocks[block].piece;
}

/*
 * Whether the block is in place anyway, for another file or for another part of this one, and the
 * slot can point there. It costs heads before and behind it, and so pays for all but the shortest.
 */
static bool stands_in_place(const struct arranging *arranging, uint32_t slot, uint32_t *number)
{
    const struct block_store *store = &arranging->encoded->store;
    const struct encoded_block *block = &store->blocks[arranging->refs[slot]];
    if (block->placed == NO_BLOCK || arranging->options->legacy || separate(arranging) ||
        block->length <= HEAD_COST || !direct_ok(arranging, block->placed, slot))
        return false;
    *number = store->blocks[block->placed].piece;
    return *number != NO_PIECE;
}

/* Serves one or more slots from `slot` on; returns how many, or a negative error. */
static int64_t arrange_blocks(struct arranging *arranging, uint32_t slot)
{
    uint32_t number;
    if (stands_in_place(arranging, slot, &number)) {
        point_at(arranging, slot, number);
        arranging->out->shared_slots++;
        return 1;
    }
    number = find_piece(arranging, arranging->refs[slot]);
    uint32_t run = 0;
    if (!arranging->options->legacy && number != NO_PIECE)
        run = shared_run(arranging, slot, number);
    if (!run) {
        int error = place_own(arranging, slot);
        return error ? error : 1;
    }
    for (uint32_t i = 0; i < run; i++) {
        if (arranging->refs[slot + i] == REF_HOLE) {
            set_slot(arranging, slot + i, SLOT_HOLE);
            arranging->out->hole_slots++;
        } else {
            point_at(arranging, slot + i, number++);
            arranging->out->shared_slots++;
        }
    }
    return run;
}

static bool slot_in_place(const struct arranging *arranging, uint32_t slot)
{
    return slot < arranging->slots && arranging->refs[slot] != REF_HOLE &&
           arranging->encoded->store.blocks[arranging->refs[slot]].form == FORM_IN_PLACE;
}

/* Whether the run from `slot` of `count` pages stands in the zone already, from `number` on. */
static bool run_stands(const struct arranging *arranging, uint32_t slot, uint32_t count,
                       uint32_t number)
{
    const struct arrangement *out = arranging->out;
    if (count > out->pieces_count - number)
        return false;
    for (uint32_t i = 0; i < count; i++) {
        const struct piece *piece = &out->pieces[number + i];
        if (!piece->in_place || (i && piece->run_starts) ||
            piece->block != arranging->refs[slot + i])
            return false;
    }
    return true;
}

/* A run in place that stands already, or NO_PIECE. */
static uint32_t find_run(const struct arranging *arranging, uint32_t slot, uint32_t count,
                         uint64_t hash)
{
    uint32_t number;
    size_t cursor = 0;
    while (hash_index_next(&arranging->runs_index, hash, &cursor, &number)) {
        if (run_stands(arranging, slot, count, number))
            return number;
    }
    return NO_PIECE;
}

static int add_run(struct arranging *arranging, uint32_t slot, uint32_t count, uint64_t hash)
{
    uint32_t number = (uint32_t)arranging->out->pieces_count;
    for (uint32_t i = 0; i < count; i++) {
        int error = add_piece(arranging, slot + i, arranging->refs[slot + i], true);
        if (error)
            return error;
    }
    arranging->out->pieces[number].run_starts = true;
    return hash_index_add(&arranging->runs_index, hash, number);
}

/* A run in place keeps together: it is shared whole or not at all. */
static int64_t arrange_run(struct arranging *arranging, uint32_t slot)
{
    uint32_t count = 1;
    while (slot_in_place(arranging, slot + count))
        count++;
    uint64_t hash = hash_bytes(&arranging->refs[slot], count * sizeof(*arranging->refs), 0);
    uint32_t number = separate(arranging) ? NO_PIECE : find_run(arranging, slot, count, hash);
    if (number != NO_PIECE) {
        arranging->out->shared_slots += count;
    } else {
        number = (uint32_t)arranging->out->pieces_count;
        int error = add_run(arranging, slot, count, hash);
        if (error)
            return error;
    }
    for (uint32_t i = 0; i < count; i++)
        point_at(arranging, slot + i, number + i);
    return count;
}

static bool slot_kept(const struct arranging *arranging, uint32_t slot)
{
    return arranging->kept && slot < arranging->slots && arranging->kept[slot].block != NO_BLOCK;
}

/* The piece that stays where the slot wants it, or NO_PIECE. */
static uint32_t find_fixed(const struct arranging *arranging, const struct kept_slot *kept)
{
    uint32_t number;
    size_t cursor = 0;
    while (hash_index_next(&arranging->fixed_index, hash_mix(0, kept->offset), &cursor, &number)) {
        if (arranging->out->pieces[number].offset == kept->offset)
            return number;
    }
    return NO_PIECE;
}

static int add_fixed(struct arranging *arranging, uint32_t slot, bool in_place)
{
    const struct kept_slot *kept = &arranging->kept[slot];
    uint32_t number = (uint32_t)arranging->out->pieces_count;
    int error = add_piece(arranging, slot, kept->block, in_place);
    if (error)
        return error;
    struct piece *piece = &arranging->out->pieces[number];
    piece->fixed = true;
    piece->offset = kept->offset;
    piece->head = kept->head && !in_place;
    piece->plain_only = !kept->head;
    piece->starts = false;
    return hash_index_add(&arranging->fixed_index, hash_mix(0, kept->offset), number);
}

/* A run that stays. Its pieces are new, or all there: others share it whole. */
static int64_t arrange_fixed_run(struct arranging *arranging, uint32_t slot)
{
    uint32_t count = 1;
    while (slot_in_place(arranging, slot + count))
        count++;
    uint64_t hash = hash_bytes(&arranging->refs[slot], count * sizeof(*arranging->refs), 0);
    uint32_t first = (uint32_t)arranging->out->pieces_count;
    uint32_t added = 0;
    int error = 0;
    for (uint32_t i = slot; !error && i < slot + count; i++) {
        uint32_t number = find_fixed(arranging, &arranging->kept[i]);
        if (number == NO_PIECE) {
            number = (uint32_t)arranging->out->pieces_count;
            error = add_fixed(arranging, i, true);
            added++;
        } else {
            arranging->out->shared_slots++;
        }
        if (!error)
            set_slot(arranging, i, number);
    }
    for (uint32_t i = slot; !error && added != count && i < slot + count; i++)
        arranging->out->pieces[arranging->out->slots[arranging->table->first_slot + i]].anchored =
            true;
    if (!error && added == count) {
        arranging->out->pieces[first].run_starts = true;
        error = hash_index_add(&arranging->runs_index, hash, first);
    }
    return error ? error : (int64_t)count;
}

static int64_t arrange_fixed(struct arranging *arranging, uint32_t slot)
{
    uint32_t number = find_fixed(arranging, &arranging->kept[slot]);
    int error = 0;
    if (number == NO_PIECE) {
        number = (uint32_t)arranging->out->pieces_count;
        error = add_fixed(arranging, slot, false);
    } else {
        arranging->out->shared_slots++;
    }
    set_slot(arranging, slot, number);
    return error ? error : 1;
}

/* The slots in place of the table at work. */
static int arrange_runs(struct arranging *arranging)
{
    for (uint32_t slot = 0; slot < arranging->slots;) {
        int64_t served = 1;
        if (slot_in_place(arranging, slot))
            served = slot_kept(arranging, slot) ? arrange_fixed_run(arranging, slot)
                                                : arrange_run(arranging, slot);
        if (served < 0)
            return (int)served;
        slot += (uint32_t)served;
    }
    return 0;
}

/* The others. */
static int arrange_slots(struct arranging *arranging)
{
    for (uint32_t slot = 0; slot < arranging->slots;) {
        int64_t served = 1;
        if (slot_in_place(arranging, slot)) {
            arranging->previous = arranging->out->slots[arranging->table->first_slot + slot];
        } else if (slot_kept(arranging, slot)) {
            served = arrange_fixed(arranging, slot);
        } else if (arranging->refs[slot] == REF_HOLE) {
            set_slot(arranging, slot, SLOT_HOLE);
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

/* Makes a table the one at work. */
static void take_up(struct arranging *arranging, uint32_t number)
{
    struct table *table = &arranging->out->tables[number];
    const struct content *what = &arranging->encoded->contents[table->content];
    const struct kept_table *kept = arranging->keeping ? &arranging->keeping->tables[number] : NULL;
    arranging->kept = NULL;
    if (kept && kept->claimed) {
        arranging->kept = &arranging->keeping->slots[kept->first_slot];
        table->fixed = kept->stays;
        table->offset = kept->stays ? kept->offset : 0;
    }
    arranging->table = table;
    arranging->number = number;
    arranging->refs = &arranging->encoded->refs[what->first_ref];
    arranging->slots = what->refs_count;
    arranging->size = what->size;
    arranging->previous = NO_PIECE;
}

/* Gives a table its slots, and those in place their pieces. */
static int begin_table(struct arranging *arranging, uint32_t number)
{
    struct arrangement *out = arranging->out;
    take_up(arranging, number);
    if (!array_reserve(&out->slots, sizeof(*out->slots), out->slots_count, &out->slots_capacity,
                       arranging->slots))
        return -CRAMFS_ERR_MEMORY;
    arranging->table->first_slot = out->slots_count;
    out->slots_count += arranging->slots;
    return arrange_runs(arranging);
}

/* Gives the other slots theirs, which are the table's own. */
static int finish_table(struct arranging *arranging, uint32_t number)
{
    take_up(arranging, number);
    arranging->table->first_piece = (uint32_t)arranging->out->pieces_count;
    return arrange_slots(arranging);
}

/* Whether tables and chains could reach behind what inodes point to, if nothing were shared. */
static bool may_be_large(const struct encoded_tree *encoded)
{
    uint64_t bytes = 0;
    for (size_t i = 0; i < encoded->refs_count; i++) {
        uint32_t ref = encoded->refs[i];
        bytes += CRAMFS_POINTER_SIZE;
        if (ref != REF_HOLE && encoded->store.blocks[ref].form != FORM_IN_PLACE)
            bytes += encoded->store.blocks[ref].length + HEAD_COST;
    }
    return bytes > CRAMFS_MAX_INODE_OFFSET / 2; /* directories, and contents with several tables */
}

int arrange_tables(const struct cramfs_tree *tree, const struct cramfs_plan_options *options,
                   struct encoded_tree *encoded, const struct keeping *keeping,
                   struct arrangement *arrangement, struct cramfs_diags *diags)
{
    struct arranging arranging = {.tree = tree,
                                  .options = options,
                                  .encoded = encoded,
                                  .keeping = keeping,
                                  .out = arrangement,
                                  .diags = diags};
    int error = 0;
    arranging.large = keeping || may_be_large(encoded);
    /* What is in place first: no block with the same bytes needs to be stored beside it. */
    for (uint32_t i = 0; !error && i < arrangement->tables_count; i++)
        error = begin_table(&arranging, i);
    for (uint32_t i = 0; !error && i < arrangement->tables_count; i++)
        error = finish_table(&arranging, i);
    if (error == -CRAMFS_ERR_MEMORY)
        cramfs_fail_memory(diags);
    cramfs_deflater_free(arranging.deflater);
    hash_index_free(&arranging.fixed_index);
    hash_index_free(&arranging.runs_index);
    return error;
}

int arrange(const struct cramfs_tree *tree, const struct cramfs_plan_options *options,
            struct encoded_tree *encoded, struct arrangement *arrangement,
            struct cramfs_diags *diags)
{
    if (list_tables(tree, encoded, arrangement) != 0)
        return cramfs_fail_memory(diags);
    return arrange_tables(tree, options, encoded, NULL, arrangement, diags);
}

void arrangement_free(struct arrangement *arrangement)
{
    free(arrangement->tables);
    free(arrangement->pieces);
    free(arrangement->slots);
    free(arrangement->table_of_node);
    memset(arrangement, 0, sizeof(*arrangement));
}
