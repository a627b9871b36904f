/*
 * Hashes under attack: inputs that all had one value of the hash without a key, which version 0.1
 * had at first, and whose steps can be run backwards.
 */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/siphash.h"
#include "read/intervals.h"

static const uint64_t MULTIPLY_A = 0x9e3779b97f4a7c15u;
static const uint64_t MULTIPLY_B = 0xc2b2ae3d27d4eb4fu;

static uint64_t old_mix(uint64_t hash, uint64_t value)
{
    hash ^= value * MULTIPLY_B;
    hash = (hash << 29 | hash >> 35) * MULTIPLY_A;
    return hash ^ hash >> 32;
}

/* The hash of 16 bytes as it was. */
static uint64_t old_hash(const uint64_t words[2], uint64_t seed)
{
    uint64_t even = old_mix(old_mix(seed ^ MULTIPLY_A, words[0]), 0);
    uint64_t odd = old_mix(old_mix(seed + 16, words[1]), 0);
    return old_mix(old_mix(even, odd), MULTIPLY_B);
}

/* The factor that takes an odd one back, by Newton's steps: each doubles the bits that are right.
 */
static uint64_t inverse(uint64_t odd)
{
    uint64_t found = odd;
    for (int i = 0; i < 6; i++)
        found *= 2 - odd * found;
    return found;
}

/* The hash before old_mix(hash, value) gave `mixed`. */
static uint64_t unmix(uint64_t mixed, uint64_t value)
{
    uint64_t hash = (mixed ^ mixed >> 32) * inverse(MULTIPLY_A);
    return (hash >> 29 | hash << 35) ^ value * MULTIPLY_B;
}

/* The value with which old_mix(hash, value) gives `mixed`. */
static uint64_t value_between(uint64_t hash, uint64_t mixed)
{
    return (unmix(mixed, 0) ^ hash) * inverse(MULTIPLY_B);
}

/* 16 bytes that had `hash`, one for each number. */
static void collide(uint64_t number, uint64_t hash, uint64_t words[2])
{
    words[0] = number;
    uint64_t even = old_mix(old_mix(MULTIPLY_A, words[0]), 0);
    uint64_t odd = value_between(even, unmix(hash, MULTIPLY_B));
    words[1] = value_between(16, unmix(odd, 0));
    assert_true(old_hash(words, 0) == hash);
}

enum { INPUTS = 20000 };

struct table {
    uint64_t (*words)[2];
    const uint64_t *wanted;
    uint64_t compared;
};

static bool is_wanted(void *context, uint32_t number)
{
    struct table *table = context;
    table->compared++;
    return memcmp(table->words[number], table->wanted, sizeof(table->words[number])) == 0;
}

/* How often records are compared when all are looked for and then added, as names are. */
static uint64_t count_compared(struct table *table, bool keyed)
{
    struct hash_index index = {0};
    table->compared = 0;
    for (uint32_t i = 0; i < INPUTS; i++) {
        uint32_t found;
        table->wanted = table->words[i];
        uint64_t hash = keyed ? hash_bytes(table->wanted, sizeof(table->words[i]), 0)
                              : old_hash(table->wanted, 0);
        assert_false(hash_index_find(&index, hash, is_wanted, table, &found));
        assert_int_equal(hash_index_add(&index, hash, i), 0);
        if (!keyed && i == INPUTS / 20)
            break; /* enough to see that it is quadratic */
    }
    hash_index_free(&index);
    return table->compared;
}

static void inputs_made_for_one_hash_are_compared_with_next_to_nothing(void **state)
{
    (void)state;
    struct table table = {.words = calloc(INPUTS, sizeof(*table.words))};
    assert_non_null(table.words);
    for (uint32_t i = 0; i < INPUTS; i++)
        collide(i, 0x0123456789abcdefu, table.words[i]);
    assert_true(count_compared(&table, false) > (uint64_t)INPUTS / 20 * INPUTS / 50);
    assert_true(count_compared(&table, true) < INPUTS / 100);
    free(table.words);
}

/* Long inputs are hashed over sums: each byte of them counts, wherever they lie in memory. */
static void every_byte_of_long_inputs_counts(void **state)
{
    (void)state;
    static const size_t lengths[] = {255, 256, 263, 1024, 1031, 1055, 1056, 2047, 4096};
    unsigned char bytes[4097];
    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (unsigned char)(i * 7);
    for (size_t l = 0; l < COUNT(lengths); l++) {
        size_t length = lengths[l];
        uint64_t hash = hash_bytes(bytes, length, 5);
        unsigned char *moved = malloc(length + 1);
        assert_non_null(moved);
        memcpy(moved + 1, bytes, length);
        assert_true(hash_bytes(moved + 1, length, 5) == hash);
        assert_false(hash_bytes(bytes, length, 6) == hash);
        assert_false(hash_bytes(bytes, length - 1, 5) == hash);
        free(moved);
        for (size_t i = 0; i < length; i++) {
            bytes[i] ^= 0x40;
            assert_false(hash_bytes(bytes, length, 5) == hash);
            bytes[i] ^= 0x40;
        }
    }
}

/* How many claims are between the root and the deepest. */
static uint32_t depth(const struct intervals *intervals)
{
    uint32_t *todo = calloc(intervals->list_count, 2 * sizeof(*todo));
    uint32_t deepest = 0;
    size_t count = 0;
    assert_non_null(todo);
    todo[2 * count] = intervals->root;
    todo[2 * count++ + 1] = 1;
    while (count) {
        count--;
        const struct interval *here = &intervals->list[todo[2 * count] - 1];
        uint32_t level = todo[2 * count + 1];
        const uint32_t below[] = {here->left, here->right};
        deepest = level > deepest ? level : deepest;
        for (int i = 0; i < 2; i++) {
            if (below[i]) {
                todo[2 * count] = below[i];
                todo[2 * count++ + 1] = level + 1;
            }
        }
    }
    free(todo);
    return deepest;
}

/* Claims whose priorities fell from one to the next: the tree without a key was a list. */
static void claims_made_for_falling_priorities_make_no_list(void **state)
{
    (void)state;
    struct intervals intervals = {0};
    uint64_t last = UINT64_MAX;
    uint64_t begin = 0;
    for (uint32_t i = 0; i < 1000; i++) {
        uint64_t end = begin;
        uint64_t priority;
        uint32_t other;
        do
            priority = old_mix(begin, ++end);
        while (priority >= last || last - priority > UINT64_MAX / 2000);
        last = priority;
        assert_int_equal(intervals_add(&intervals, begin, end, i, &other), INTERVAL_FREE);
        begin = end;
    }
    assert_true(depth(&intervals) < 100); /* 1000 without; of random ones 25 */
    intervals_free(&intervals);
}

static void siphash_is_that_of_its_authors(void **state)
{
    (void)state;
    struct sip sip = sip_start((struct sip_key){0x0706050403020100u, 0x0f0e0d0c0b0a0908u});
    sip_take(&sip, 0); /* the last word of no bytes */
    assert_true(sip_end(&sip) == 0xabac0158050fc4dcu);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_byte_of_long_inputs_counts),
        cmocka_unit_test(inputs_made_for_one_hash_are_compared_with_next_to_nothing),
        cmocka_unit_test(claims_made_for_falling_priorities_make_no_list),
        cmocka_unit_test(siphash_is_that_of_its_authors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
