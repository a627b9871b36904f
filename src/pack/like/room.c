#include "pack/like/room.h"

#include <stdlib.h>
#include <string.h>

#include "cramfs/diag.h"

enum { UNIT = 4, WORD_UNITS = 64 };

void room_free(struct room *room)
{
    free(room->words);
    *room = (struct room){0};
}

static int reserve(struct room *room, uint64_t units)
{
    size_t words = (size_t)((units + WORD_UNITS - 1) / WORD_UNITS);
    if (words <= room->words_count)
        return 0;
    if (words < room->words_count * 2)
        words = room->words_count * 2;
    uint64_t *grown = realloc(room->words, words * sizeof(*grown));
    if (!grown)
        return -CRAMFS_ERR_MEMORY;
    memset(grown + room->words_count, 0, (words - room->words_count) * sizeof(*grown));
    room->words = grown;
    room->words_count = words;
    return 0;
}

/* The bits of word `word` for the units from `first` to `end`. */
static uint64_t mask_of(size_t word, uint64_t first, uint64_t end)
{
    uint64_t base = (uint64_t)word * WORD_UNITS;
    uint64_t mask = UINT64_MAX;
    if (first > base)
        mask &= UINT64_MAX << (first - base);
    if (end < base + WORD_UNITS)
        mask &= UINT64_MAX >> (base + WORD_UNITS - end);
    return mask;
}

int room_take(struct room *room, uint64_t offset, uint64_t length)
{
    uint64_t first = offset / UNIT;
    uint64_t end = (offset + length + UNIT - 1) / UNIT;
    if (!length)
        return 0;
    int error = reserve(room, end);
    for (size_t i = (size_t)(first / WORD_UNITS); !error && i <= (end - 1) / WORD_UNITS; i++)
        room->words[i] |= mask_of(i, first, end);
    return error;
}

void room_give(struct room *room, uint64_t offset, uint64_t length)
{
    uint64_t first = offset / UNIT;
    uint64_t end = (offset + length + UNIT - 1) / UNIT;
    for (size_t i = (size_t)(first / WORD_UNITS); length && i <= (end - 1) / WORD_UNITS; i++) {
        if (i < room->words_count)
            room->words[i] &= ~mask_of(i, first, end);
    }
}

bool room_is_free(const struct room *room, uint64_t offset, uint64_t length)
{
    uint64_t first = offset / UNIT;
    uint64_t end = (offset + length + UNIT - 1) / UNIT;
    if (!length)
        return true;
    for (size_t i = (size_t)(first / WORD_UNITS);
         i <= (end - 1) / WORD_UNITS && i < room->words_count; i++) {
        if (room->words[i] & mask_of(i, first, end))
            return false;
    }
    return true;
}

int room_copy(const struct room *room, struct room *to)
{
    int error = reserve(to, (uint64_t)room->words_count * WORD_UNITS);
    if (!error && room->words_count)
        memcpy(to->words, room->words, room->words_count * sizeof(*room->words));
    return error;
}

/*
 * The first unit from `from` on, below `limit`, that is taken; with `flip` all ones, that is free.
 */
static uint64_t find_unit(const struct room *room, uint64_t from, uint64_t limit, uint64_t flip)
{
    while (from < limit) {
        size_t word = (size_t)(from / WORD_UNITS);
        uint64_t bits = (word < room->words_count ? room->words[word] : 0) ^ flip;
        bits &= UINT64_MAX << (from % WORD_UNITS);
        if (bits) {
            uint64_t found = (uint64_t)word * WORD_UNITS + (uint64_t)__builtin_ctzll(bits);
            return found < limit ? found : limit;
        }
        from = ((uint64_t)word + 1) * WORD_UNITS;
    }
    return limit;
}

bool room_next(const struct room *room, uint64_t from, uint64_t limit, struct span *span)
{
    uint64_t end = limit / UNIT;
    uint64_t first = find_unit(room, (from + UNIT - 1) / UNIT, end, UINT64_MAX);
    if (first >= end)
        return false;
    span->begin = first * UNIT;
    span->end = find_unit(room, first, end, 0) * UNIT;
    return true;
}

uint64_t room_end(const struct room *room)
{
    size_t words = room->words_count;
    while (words && !room->words[words - 1])
        words--;
    if (!words)
        return 0;
    return ((uint64_t)words * WORD_UNITS - (uint64_t)__builtin_clzll(room->words[words - 1])) *
           UNIT;
}
