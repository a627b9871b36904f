#include "base/hash.h"

#include <stdlib.h>
#include <string.h>

#include "cramfs/diag.h"

/* Odd constants with evenly spread bits: the golden ratio, and two primes of like make. */
static const uint64_t MULTIPLY_A = 0x9e3779b97f4a7c15u;
static const uint64_t MULTIPLY_B = 0xc2b2ae3d27d4eb4fu;

uint64_t hash_mix(uint64_t hash, uint64_t value)
{
    hash ^= value * MULTIPLY_B;
    hash = (hash << 29 | hash >> 35) * MULTIPLY_A;
    return hash ^ hash >> 32;
}

uint64_t hash_bytes(const void *bytes, size_t length, uint64_t seed)
{
    const unsigned char *at = bytes;
    /* Two lanes, so that the multiplications of one run beside those of the other. */
    uint64_t even = seed ^ MULTIPLY_A;
    uint64_t odd = seed + length;
    for (; length >= 16; at += 16, length -= 16) {
        uint64_t words[2];
        memcpy(words, at, sizeof(words));
        even = hash_mix(even, words[0]);
        odd = hash_mix(odd, words[1]);
    }
    uint64_t tail[2] = {0, 0};
    if (length)
        memcpy(tail, at, length);
    even = hash_mix(even, tail[0]);
    odd = hash_mix(odd, tail[1]);
    return hash_mix(hash_mix(even, odd), MULTIPLY_B);
}

static size_t home_of(const struct hash_index *index, uint32_t hash)
{
    return hash & (index->capacity - 1);
}

static void place(struct hash_index *index, uint32_t hash, uint32_t number_plus_one)
{
    size_t at = home_of(index, hash);
    while (index->slots[at].number_plus_one)
        at = (at + 1) & (index->capacity - 1);
    index->slots[at].hash = hash;
    index->slots[at].number_plus_one = number_plus_one;
}

static int grow(struct hash_index *index)
{
    struct hash_index larger = {.capacity = index->capacity ? index->capacity * 2 : 64,
                                .count = index->count};
    larger.slots = calloc(larger.capacity, sizeof(*larger.slots));
    if (!larger.slots)
        return -CRAMFS_ERR_MEMORY;
    for (size_t i = 0; i < index->capacity; i++) {
        if (index->slots[i].number_plus_one)
            place(&larger, index->slots[i].hash, index->slots[i].number_plus_one);
    }
    free(index->slots);
    *index = larger;
    return 0;
}

int hash_index_add(struct hash_index *index, uint64_t hash, uint32_t number)
{
    if (index->count >= index->capacity / 2) {
        int error = grow(index);
        if (error)
            return error;
    }
    place(index, (uint32_t)hash, number + 1);
    index->count++;
    return 0;
}

int hash_index_next(const struct hash_index *index, uint64_t hash, size_t *cursor, uint32_t *number)
{
    if (!index->capacity)
        return 0;
    for (;;) {
        const struct hash_slot *slot =
            &index->slots[(home_of(index, (uint32_t)hash) + *cursor) & (index->capacity - 1)];
        if (!slot->number_plus_one)
            return 0;
        ++*cursor;
        if (slot->hash == (uint32_t)hash) {
            *number = slot->number_plus_one - 1;
            return 1;
        }
    }
}

void hash_index_remove(struct hash_index *index, uint64_t hash, uint32_t number)
{
    const size_t mask = index->capacity - 1;
    size_t hole = home_of(index, (uint32_t)hash);
    while (index->slots[hole].hash != (uint32_t)hash ||
           index->slots[hole].number_plus_one != number + 1)
        hole = (hole + 1) & mask;
    /* Records behind it come nearer to their home, so that no walk ends too soon at the gap. */
    for (size_t at = (hole + 1) & mask; index->slots[at].number_plus_one; at = (at + 1) & mask) {
        size_t from_home = (at - home_of(index, index->slots[at].hash)) & mask;
        if (from_home >= ((at - hole) & mask)) {
            index->slots[hole] = index->slots[at];
            hole = at;
        }
    }
    index->slots[hole] = (struct hash_slot){0};
    index->count--;
}

void hash_index_free(struct hash_index *index)
{
    free(index->slots);
    memset(index, 0, sizeof(*index));
}
