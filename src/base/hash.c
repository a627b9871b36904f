#include "base/hash.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash_key.h"
#include "cramfs/diag.h"

uint64_t hash_mix(uint64_t hash, uint64_t value)
{
    struct sip sip = sip_start(hash_key());
    sip_take(&sip, hash);
    sip_take(&sip, value);
    return sip_end(&sip);
}

/*
 * Inputs of this length or more: SipHash reads a sum of each KiB instead of its words, which is
 * five times as fast.
 */
enum { SUMS_FROM = 256, SUMMED = HASH_WORDS * sizeof(uint32_t) };

static uint64_t load_word(const unsigned char *at, size_t length)
{
    uint64_t word = 0;
    memcpy(&word, at, length);
    return word;
}

/*
 * NH, the sum of UMAC (RFC 4418): two different inputs of equal length have the same sum for one in
 * 2^32 keys. `length` is a multiple of GROUP, at most SUMMED. Words of the first half are
 * multiplied with those of the second, so that compilers do several at once.
 */
enum { GROUP = 8 * sizeof(uint32_t) };

static uint64_t sum_of(const uint32_t *keys, const unsigned char *at, size_t length)
{
    uint32_t words[HASH_WORDS];
    size_t half = length / sizeof(uint32_t) / 2;
    uint64_t sum = 0;
    memcpy(words, at, length);
    for (size_t i = 0; i < half; i++)
        sum += (uint64_t)(words[i] + keys[i]) * (uint32_t)(words[half + i] + keys[half + i]);
    return sum;
}

uint64_t hash_bytes(const void *bytes, size_t length, uint64_t seed)
{
    const unsigned char *at = bytes;
    const unsigned char *end = at + length;
    struct sip sip = sip_start(hash_key());
    sip_take(&sip, seed);
    sip_take(&sip, length);
    const uint32_t *keys = length >= SUMS_FROM ? hash_words() : NULL;
    while (keys && (size_t)(end - at) >= GROUP) {
        size_t left = (size_t)(end - at) / GROUP * GROUP;
        size_t summed = left < SUMMED ? left : SUMMED;
        sip_take(&sip, sum_of(keys, at, summed));
        at += summed;
    }
    for (; end - at >= 8; at += 8)
        sip_take(&sip, load_word(at, 8));
    if (at < end)
        sip_take(&sip, load_word(at, (size_t)(end - at)));
    return sip_end(&sip);
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
    /* Begin after a gap, so that records of one hash keep their order where they wrap around. */
    size_t gap = 0;
    while (index->capacity && index->slots[gap].number_plus_one)
        gap++;
    for (size_t i = 0; i < index->capacity; i++) {
        const struct hash_slot *slot = &index->slots[(gap + i) & (index->capacity - 1)];
        if (slot->number_plus_one)
            place(&larger, slot->hash, slot->number_plus_one);
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

bool hash_index_next(const struct hash_index *index, uint64_t hash, hash_equal_fn *equal,
                     void *wanted, size_t *cursor, uint32_t *number)
{
    while (index->capacity) {
        const struct hash_slot *slot =
            &index->slots[(home_of(index, (uint32_t)hash) + *cursor) & (index->capacity - 1)];
        if (!slot->number_plus_one)
            break;
        ++*cursor;
        if (slot->hash == (uint32_t)hash && equal(wanted, slot->number_plus_one - 1)) {
            *number = slot->number_plus_one - 1;
            return true;
        }
    }
    return false;
}

void hash_index_remove(struct hash_index *index, uint64_t hash, uint32_t number)
{
    const size_t mask = index->capacity - 1;
    size_t hole = home_of(index, (uint32_t)hash);
    while (index->slots[hole].hash != (uint32_t)hash ||
           index->slots[hole].number_plus_one != number + 1)
        hole = (hole + 1) & mask;
    /* Move later records closer to their home, so that no search stops early at the gap. */
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
