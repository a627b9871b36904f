#include "pack/like/fill_gaps.h"

#include <sys/stat.h>

#include "base/array.h"
#include "cramfs/block.h"
#include "format/bytes.h"

enum { MOST_LOOKED_AT = 64 }; /* units that are tried for one place */

static struct piece *piece_of(const struct gap_filling *filling, uint32_t number)
{
    return &filling->placing->arrangement->pieces[number];
}

static bool unplaced(const struct gap_filling *filling, uint32_t number)
{
    const struct piece *piece = piece_of(filling, number);
    return !piece->fixed && !piece->in_place;
}

static uint64_t table_length(const struct gap_filling *filling, uint32_t number)
{
    const struct table *table = &filling->placing->arrangement->tables[number];
    return (uint64_t)filling->placing->encoded->contents[table->content].refs_count *
           CRAMFS_POINTER_SIZE;
}

/* The length of the data, and the most that a head adds. */
static uint64_t most_bytes(const struct gap_filling *filling, uint32_t piece)
{
    return piece_length(filling->placing->encoded, piece_of(filling, piece)) +
           CRAMFS_DIRECT_PREFIX + CRAMFS_DIRECT_ALIGN - 1;
}

static int add_unit(struct gap_filling *filling, const struct unit *unit)
{
    if (!ARRAY_GROW(filling, units))
        return -CRAMFS_ERR_MEMORY;
    struct unit *added = &filling->units[filling->units_count++];
    *added = *unit;
    added->next = filling->units_count;
    filling->needed += unit->length;
    return 0;
}

static int add_table_unit(struct gap_filling *filling, uint32_t number)
{
    const struct table *table = &filling->placing->arrangement->tables[number];
    struct unit unit = {
        .kind = table->fixed ? UNIT_CHAIN : UNIT_TABLE,
        .index = number,
        .piece = table->first_piece,
        .end = table->first_piece + table->pieces_count,
        .length = table->fixed ? 0 : table_length(filling, number) + CRAMFS_DIRECT_ALIGN - 1,
        .begun = table->fixed,
    };
    while (unit.piece < unit.end && !unplaced(filling, unit.piece))
        unit.piece++;
    for (uint32_t i = unit.piece; i < unit.end; i++)
        unit.length += unplaced(filling, i) ? most_bytes(filling, i) : 0;
    return unit.length ? add_unit(filling, &unit) : 0;
}

int fill_gaps_list(struct gap_filling *filling)
{
    const struct placing *placing = filling->placing;
    int error = 0;
    for (uint32_t i = 0; !error && i < placing->tree->nodes_count; i++) {
        const struct cramfs_node *node = placing->tree->nodes[i];
        if (!S_ISDIR(node->mode) || !node->children_count || placing->layout->directory_offset[i])
            continue;
        struct unit unit = {.kind = UNIT_DIRECTORY,
                            .index = i,
                            .length = cramfs_directory_size(node) + CRAMFS_DIRECT_ALIGN - 1};
        error = add_unit(filling, &unit);
    }
    for (uint32_t i = 0; !error && i < placing->arrangement->tables_count; i++)
        error = add_table_unit(filling, i);
    return error;
}

/* Whether the piece may be apart from the piece before it in its chain. */
static bool may_head(const struct gap_filling *filling, uint32_t number)
{
    const struct piece *piece = piece_of(filling, number);
    return piece->head || (!piece->plain_only && !filling->placing->options->legacy);
}

/* A place for a piece. */
struct piece_place {
    uint64_t offset;
    uint64_t end;
    bool head;
};

/*
 * Finds the piece's place at `at` or within a few bytes after it. Returns false if no allowed
 * pointer leads there.
 */
static bool locate(const struct gap_filling *filling, uint32_t number, bool apart, uint64_t at,
                   struct piece_place *place)
{
    const struct piece *piece = piece_of(filling, number);
    const struct encoded_block *block = &filling->placing->encoded->store.blocks[piece->block];
    bool head = piece->head || apart || at + block->length > CRAMFS_MAX_PLAIN_END;
    uint64_t offset = head ? align_up(at, CRAMFS_DIRECT_ALIGN) : at;
    bool prefixed = head && block->form == FORM_DEFLATED;
    *place = (struct piece_place){
        offset, offset + block->length + (prefixed ? CRAMFS_DIRECT_PREFIX : 0), head};
    return !head || may_head(filling, number);
}

static uint32_t next_unplaced(const struct gap_filling *filling, const struct unit *unit,
                              uint32_t number)
{
    do
        number++;
    while (number < unit->end && !unplaced(filling, number));
    return number;
}

/*
 * Looks for places for the next piece, and for the pieces that must follow it; *next is the piece
 * after these. With `joined`, the first may directly follow the bytes before `at`. Returns false if
 * they would end after `end`, or if no pointer leads to one.
 */
static bool link_fits(const struct gap_filling *filling, const struct unit *unit, bool joined,
                      uint64_t end, uint64_t at, uint32_t *next)
{
    struct piece_place place = {.end = at};
    *next = unit->piece;
    do {
        if (!locate(filling, *next, *next == unit->piece && !joined, place.end, &place) ||
            place.end > end || place.end > CRAMFS_MAX_IMAGE_SIZE)
            return false;
        *next = next_unplaced(filling, unit, *next);
    } while (*next < unit->end && !may_head(filling, *next));
    return true;
}

/* Puts the pieces up to `next` into the places that link_fits() has found. */
static int put_link(struct gap_filling *filling, struct unit *unit, bool joined, uint32_t next,
                    uint64_t *cursor)
{
    int error = 0;
    for (bool apart = !joined; !error && unit->piece < next; apart = false) {
        struct piece *piece = piece_of(filling, unit->piece);
        struct piece_place place;
        locate(filling, unit->piece, apart, *cursor, &place);
        piece->head = place.head;
        piece->offset = place.offset;
        uint64_t length = place.end - place.offset;
        error = place_take(filling->placing, place.offset, length);
        filling->needed -= length < filling->needed ? length : filling->needed;
        *cursor = place.end;
        unit->piece = next_unplaced(filling, unit, unit->piece);
    }
    unit->length = 0;
    return error;
}

/*
 * Puts as many of the unit's pieces as have room. With `joined`, the first may directly follow the
 * bytes before *cursor.
 */
static int put_pieces(struct gap_filling *filling, struct unit *unit, bool joined, uint64_t end,
                      uint64_t *cursor)
{
    int error = 0;
    while (!error && unit->piece < unit->end) {
        uint32_t next;
        if (!link_fits(filling, unit, joined, end, *cursor, &next))
            break;
        error = put_link(filling, unit, joined, next, cursor);
        joined = true;
    }
    unit->done = unit->begun && unit->piece >= unit->end;
    return error;
}

/* Whether a table at `at`, and the pieces that must follow it, end before `end`. */
static bool table_fits(const struct gap_filling *filling, const struct unit *unit, uint64_t at,
                       uint64_t end)
{
    uint32_t next;
    uint64_t behind = at + table_length(filling, unit->index);
    bool scarce = filling->placing->end + filling->needed > CRAMFS_MAX_INODE_OFFSET;
    if (at > CRAMFS_MAX_INODE_OFFSET || behind > end)
        return false;
    /* If little room for tables is left below the limit of inode offsets, chains go elsewhere. */
    if (unit->piece >= unit->end || (scarce && may_head(filling, unit->piece)))
        return true;
    return link_fits(filling, unit, true, end, behind, &next);
}

int fill_gaps_unit(struct gap_filling *filling, struct unit *unit, uint64_t end, uint64_t *cursor)
{
    struct placing *placing = filling->placing;
    uint64_t at = align_up(*cursor, CRAMFS_DIRECT_ALIGN);
    uint64_t length;
    if (unit->begun)
        return put_pieces(filling, unit, false, end, cursor);
    if (unit->kind == UNIT_DIRECTORY) {
        length = unit->length - (CRAMFS_DIRECT_ALIGN - 1);
        if (at > CRAMFS_MAX_INODE_OFFSET || at + length > end)
            return 0;
        placing->layout->directory_offset[unit->index] = (uint32_t)at;
        unit->done = true;
    } else {
        length = table_length(filling, unit->index);
        if (!table_fits(filling, unit, at, end))
            return 0;
        placing->arrangement->tables[unit->index].offset = (uint32_t)at;
    }
    unit->begun = true;
    filling->needed -= length < filling->needed ? length : filling->needed;
    *cursor = at + length;
    int error = place_take(placing, at, length);
    /* Right after its own table, a chain that starts there needs no direct pointer. */
    bool joined = unit->piece < unit->end && piece_of(filling, unit->piece)->starts;
    return error || unit->done ? error : put_pieces(filling, unit, joined, end, cursor);
}

void fill_gaps_skip_done(struct gap_filling *filling)
{
    while (filling->first < filling->units_count && filling->units[filling->first].done)
        filling->first = filling->units[filling->first].next;
}

/* The first unit, of those tried, that has room as a whole; else NULL. Unlinks units that are done.
 */
static struct unit *find_whole(struct gap_filling *filling, uint64_t room)
{
    struct unit *before = NULL;
    size_t looked_at = 0;
    for (size_t i = filling->first; i < filling->units_count && looked_at < MOST_LOOKED_AT;
         i = filling->units[i].next) {
        struct unit *unit = &filling->units[i];
        if (unit->done && before)
            before->next = unit->next;
        if (unit->done)
            continue;
        before = unit;
        looked_at++;
        if (unit->length && unit->length <= room)
            return unit;
    }
    return NULL;
}

int fill_gaps_span(struct gap_filling *filling, struct span span)
{
    int error = 0;
    for (;;) {
        fill_gaps_skip_done(filling);
        if (error || filling->first == filling->units_count || span.end - span.begin < LEAST_SPAN)
            return error;
        uint64_t begin = span.begin;
        struct unit *unit = &filling->units[filling->first];
        struct unit *whole = unit->begun ? NULL : find_whole(filling, span.end - span.begin);
        error = fill_gaps_unit(filling, whole ? whole : unit, span.end, &span.begin);
        if (error || span.begin != begin)
            continue;
        /* No more pieces of the broken unit have room here; a small unit may. */
        whole = find_whole(filling, span.end - span.begin);
        if (!whole)
            return 0;
        error = fill_gaps_unit(filling, whole, span.end, &span.begin);
        if (span.begin == begin)
            return error;
    }
}
