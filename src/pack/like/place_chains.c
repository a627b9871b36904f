/*
 * Places for directories, and for tables with their chains.
 *
 * First erase blocks are chosen: those that differ already, then those with the most room, until
 * there is enough. Then their room is filled from the lowest offset on, so that things that were
 * next to each other stay together. Several rounds choose more erase blocks for what is left; at
 * last the rest goes after everything else.
 */
#include <stdlib.h>

#include "base/array.h"
#include "cramfs/block.h"
#include "format/bytes.h"
#include "pack/like/fill_gaps.h"

enum { MOST_ROUNDS = 8 }; /* of choosing erase blocks */

/* An erase block with room. */
struct roomy {
    uint64_t number;
    uint64_t bytes;
    bool changed;
};

static int roomiest_first(const void *first, const void *second)
{
    const struct roomy *a = first;
    const struct roomy *b = second;
    if (a->changed != b->changed)
        return a->changed ? -1 : 1;
    if (a->bytes != b->bytes)
        return a->bytes > b->bytes ? -1 : 1;
    return a->number < b->number ? -1 : a->number > b->number;
}

static uint64_t smaller(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static struct roomy *measure_room(const struct placing *placing, size_t *count)
{
    uint64_t unit = placing->options->erase_block;
    *count = (size_t)((placing->limit + unit - 1) / unit);
    struct roomy *list = calloc(*count + 1, sizeof(*list));
    struct span span = {0, 0};
    if (!list)
        return NULL;
    for (size_t i = 0; i < *count; i++)
        list[i] =
            (struct roomy){.number = i, .changed = erase_block_changed(&placing->erase_blocks, i)};
    while (room_next(&placing->room, span.end, placing->limit, &span)) {
        for (uint64_t at = span.begin; at < span.end;) {
            uint64_t end = smaller(span.end, (at / unit + 1) * unit);
            list[at / unit].bytes += end - at < LEAST_SPAN ? 0 : end - at;
            at = end;
        }
    }
    qsort(list, *count, sizeof(*list), roomiest_first);
    return list;
}

/* The least room for which an unchanged erase block is made to differ. */
static uint64_t worth(const struct placing *placing)
{
    return placing->ways.scraps ? 2 * LEAST_SPAN : placing->options->erase_block / 2;
}

/* Fills the room of chosen erase blocks, in order of offset; neighbours are filled as one. */
static int fill_chosen(struct gap_filling *filling, const bool *chosen)
{
    struct placing *placing = filling->placing;
    uint64_t unit = placing->options->erase_block;
    uint64_t count = (placing->limit + unit - 1) / unit;
    int error = 0;
    for (uint64_t first = 0, end = 0; !error && first < count; first = end + 1) {
        for (end = first; end < count && chosen[end];)
            end++;
        uint64_t limit = smaller(end * unit, placing->limit);
        struct span span = {0, first * unit};
        /* Spans are cut off at `limit`, so no room is looked at twice. */
        while (!error && room_next(&placing->room, span.end, limit, &span))
            error = fill_gaps_span(filling, span);
    }
    return error;
}

/* One round: chooses erase blocks for everything that is left, and fills them. */
static int fill_round(struct gap_filling *filling, bool *chosen, bool *any)
{
    const struct placing *placing = filling->placing;
    size_t count;
    struct roomy *list = measure_room(placing, &count);
    uint64_t room = 0;
    *any = false;
    if (!list)
        return -CRAMFS_ERR_MEMORY;
    for (size_t i = 0; i < count; i++) {
        bool enough = room - room / 16 >= filling->needed;
        if (list[i].bytes < LEAST_SPAN || chosen[list[i].number] ||
            (!list[i].changed && (enough || list[i].bytes < worth(placing))))
            continue;
        chosen[list[i].number] = *any = true;
        room += list[i].bytes;
    }
    free(list);
    return *any ? fill_chosen(filling, chosen) : 0;
}

/* Puts the rest after everything else. If there is no place for it then, there is none. */
static int append(struct gap_filling *filling)
{
    struct placing *placing = filling->placing;
    int error = 0;
    uint64_t cursor = placing->end;
    for (; !error && filling->first < filling->units_count; fill_gaps_skip_done(filling)) {
        struct unit *unit = &filling->units[filling->first];
        uint64_t before = cursor;
        error = fill_gaps_unit(filling, unit, CRAMFS_MAX_IMAGE_SIZE, &cursor);
        if (!error && cursor == before)
            return -CRAMFS_ERR_LIMIT;
    }
    return error;
}

static int put_zero_word(struct gap_filling *filling)
{
    struct placing *placing = filling->placing;
    if (placing->layout->zero_word ||
        !may_need_zero_word(placing->options, placing->arrangement, placing->end + filling->needed))
        return 0;
    placing->layout->zero_word = align_up(placing->end, CRAMFS_DIRECT_ALIGN);
    return place_take(placing, placing->layout->zero_word, CRAMFS_DIRECT_PREFIX);
}

int place_chains(struct placing *placing)
{
    struct gap_filling filling = {.placing = placing};
    uint64_t blocks = placing->limit / placing->options->erase_block + 2;
    bool *chosen = array_create(blocks, sizeof(*chosen));
    int error = chosen ? fill_gaps_list(&filling) : -CRAMFS_ERR_MEMORY;
    bool any = true;
    if (!error)
        error = put_zero_word(&filling);
    for (int i = 0; !error && any && i < MOST_ROUNDS; i++) {
        fill_gaps_skip_done(&filling);
        if (filling.first == filling.units_count)
            break;
        error = fill_round(&filling, chosen, &any);
    }
    fill_gaps_skip_done(&filling);
    if (!error)
        error = append(&filling);
    free(filling.units);
    free(chosen);
    return error;
}
