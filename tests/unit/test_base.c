#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/hash.h"
#include "base/pool.h"
#include "base/text/glyph.h"
#include "cramfs/diag.h"

static void array_grows_and_keeps_what_it_has(void **state)
{
    (void)state;
    int *list = NULL;
    size_t capacity = 0;
    for (size_t i = 0; i < 1000; i++) {
        assert_true(array_reserve(&list, sizeof(*list), i, &capacity, 1));
        list[i] = (int)i;
    }
    for (int i = 0; i < 1000; i++)
        assert_int_equal(list[i], i);
    free(list);
}

static void array_refuses_a_size_that_wraps(void **state)
{
    (void)state;
    void *list = NULL;
    size_t capacity = 0;
    assert_false(array_reserve(&list, 16, 0, &capacity, SIZE_MAX / 16 + 1));
    assert_null(list);
    assert_int_equal(capacity, 0);
}

static void an_array_of_more_than_memory_has_is_none(void **state)
{
    (void)state;
    /* These would be 0 and 1 in a size_t of 32 bits. */
    assert_null(array_create((uint64_t)1 << 62, 4));
    assert_null(array_create(((uint64_t)1 << 62) + 1, 4));
    char *list = array_create(3, 2);
    assert_memory_equal(list, "\0\0\0\0\0\0", 6);
    free(list);
}

static void hash_depends_on_every_byte_and_the_length(void **state)
{
    (void)state;
    unsigned char bytes[100] = {0};
    uint64_t before = hash_bytes(bytes, sizeof(bytes), 0);
    for (size_t i = 0; i < sizeof(bytes); i++) {
        bytes[i] = 1;
        assert_true(hash_bytes(bytes, sizeof(bytes), 0) != before);
        bytes[i] = 0;
    }
    assert_true(hash_bytes(bytes, 99, 0) != before);
    assert_true(hash_bytes(bytes, 100, 1) != before);
}

static bool is_any(void *wanted, uint32_t number)
{
    (void)wanted;
    (void)number;
    return true;
}

static bool is_number(void *wanted, uint32_t number)
{
    const uint32_t *one = wanted;
    return *one == number;
}

static void hash_index_finds_all_under_one_hash(void **state)
{
    (void)state;
    struct hash_index index = {0};
    for (uint32_t i = 0; i < 5000; i++)
        assert_int_equal(hash_index_add(&index, i % 1000, i), 0);
    for (uint64_t hash = 0; hash < 1000; hash++) {
        unsigned seen = 0;
        uint32_t number;
        uint32_t last = 0;
        for (size_t cursor = 0; hash_index_next(&index, hash, is_any, NULL, &cursor, &number);
             seen++) {
            assert_int_equal(number % 1000, hash);
            assert_true(number >= last); /* in the order in which they were added */
            last = number;
        }
        assert_int_equal(seen, 5);
    }
    uint32_t number;
    uint32_t wanted = 3007;
    assert_false(hash_index_find(&index, 1000, is_any, NULL, &number));
    assert_true(hash_index_find(&index, 7, is_number, &wanted, &number));
    assert_int_equal(number, 3007);
    assert_false(hash_index_find(&index, 8, is_number, &wanted, &number));
    hash_index_free(&index);
}

static unsigned count_records(const struct hash_index *index, uint64_t hash, uint32_t number)
{
    unsigned seen = 0;
    uint32_t found;
    size_t cursor = 0;
    while (hash_index_next(index, hash, is_number, &number, &cursor, &found))
        seen++;
    return seen;
}

static void records_of_one_hash_keep_their_order_whatever_stands_between_them(void **state)
{
    (void)state;
    enum { RECORDS = 4000 };
    struct hash_index index = {0};
    /* Homes at the end of the slots, so that they go round to the first ones. */
    for (uint32_t i = 0; i < RECORDS; i++)
        assert_int_equal(hash_index_add(&index, UINT64_MAX - i % 3, i), 0);
    for (uint64_t hash = 0; hash < 3; hash++) {
        size_t cursor = 0;
        uint32_t number;
        for (uint32_t i = (uint32_t)hash; i < RECORDS; i += 3) {
            assert_true(hash_index_next(&index, UINT64_MAX - hash, is_any, NULL, &cursor, &number));
            assert_int_equal(number, i);
        }
    }
    hash_index_free(&index);
}

static void hash_index_forgets_what_is_removed_and_nothing_else(void **state)
{
    (void)state;
    enum { RECORDS = 300, SEED = 20240229 };
    struct hash_index index = {0};
    uint64_t hashes[RECORDS] = {0};
    bool there[RECORDS] = {0};
    printf("seed %d\n", SEED);
    srand(SEED);
    for (int step = 0; step < 20000; step++) {
        uint32_t number = (uint32_t)(rand() % RECORDS);
        if (there[number]) {
            hash_index_remove(&index, hashes[number], number);
        } else {
            /* Homes in a row at the end of the slots and, for the first 64, one for eight. */
            hashes[number] =
                (uint64_t)0 - (number < 64 ? number / 8 : (uint64_t)(rand() % RECORDS));
            assert_int_equal(hash_index_add(&index, hashes[number], number), 0);
        }
        there[number] = !there[number];
        for (uint32_t i = (uint32_t)step % 7; i < RECORDS; i += 7)
            assert_int_equal(count_records(&index, hashes[i], i), there[i]);
    }
    assert_true(index.capacity <= 1024); /* removed entries take no room */
    hash_index_free(&index);
}

struct square {
    int input;
    int output;
};

static void *no_state(void *context)
{
    return context;
}

static void keep_state(void *worker)
{
    (void)worker;
}

static void square_job(void *worker, void *job)
{
    (void)worker;
    struct square *square = job;
    /* Work of uneven length, so that jobs end in another order than they began. */
    volatile int spin = (square->input * 7919) % 5000;
    while (spin)
        spin--;
    square->output = square->input * square->input;
}

static void check_pool(unsigned threads)
{
    static struct square jobs[2000];
    struct pool_work work = {.run = square_job}; /* workers without state */
    struct pool *pool = pool_create(threads, &work);
    assert_non_null(pool);
    int taken = 0;
    for (int i = 0; i < (int)COUNT(jobs); i++) {
        if (pool_full(pool))
            assert_ptr_equal(pool_take(pool), &jobs[taken++]);
        jobs[i] = (struct square){.input = i};
        pool_submit(pool, &jobs[i]);
    }
    for (struct square *job; (job = pool_take(pool)); taken++) {
        assert_ptr_equal(job, &jobs[taken]);
        assert_int_equal(job->output, taken * taken);
    }
    assert_int_equal(taken, COUNT(jobs));
    pool_free(pool);
}

static void pool_returns_jobs_in_order_of_submission(void **state)
{
    (void)state;
    check_pool(1);
    check_pool(2);
    check_pool(7);
}

static void collect_square(void *context, void *job)
{
    struct square *square = job;
    assert_int_equal(square->input, (*(int *)context)++);
    assert_int_equal(square->output, square->input * square->input);
}

static void pool_collects_jobs_in_order_of_submission(void **state)
{
    (void)state;
    static struct square jobs[2000];
    for (unsigned threads = 1; threads < 9; threads += 3) {
        int collected = 0;
        struct pool_work work = {no_state, keep_state, square_job, &collected, collect_square};
        struct pool *pool = pool_create(threads, &work);
        assert_non_null(pool);
        assert_false(pool_collect(pool));
        for (int i = 0; i < (int)COUNT(jobs); i++) {
            jobs[i] = (struct square){.input = i};
            pool_put(pool, &jobs[i]);
        }
        while (pool_collect(pool))
            ;
        assert_int_equal(collected, COUNT(jobs));
        pool_free(pool);
    }
}

struct failing {
    int calls;
    int fails; /* the call that fails, and all after it */
};

static void *fail_state(void *context)
{
    struct failing *failing = context;
    return ++failing->calls >= failing->fails ? NULL : context;
}

static void pool_works_with_the_workers_that_it_can_make(void **state)
{
    (void)state;
    for (int fails = 1; fails <= 5; fails++) {
        static struct square jobs[200];
        struct failing failing = {.fails = fails};
        struct pool_work work = {fail_state, keep_state, square_job, &failing};
        struct pool *pool = pool_create(4, &work);
        assert_int_equal(failing.calls, fails < 4 ? fails : 4);
        assert_int_equal(pool != NULL, fails > 1);
        for (int i = 0; pool && i < (int)COUNT(jobs); i++) {
            if (pool_full(pool))
                pool_take(pool);
            jobs[i] = (struct square){.input = i};
            pool_submit(pool, &jobs[i]);
        }
        while (pool && pool_take(pool))
            ;
        for (int i = 0; pool && i < (int)COUNT(jobs); i++)
            assert_int_equal(jobs[i].output, i * i);
        pool_free(pool);
    }
}

static void escape_shows_control_characters(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t length;
        const char *shown;
    } cases[] = {
        {"plain", 5, "plain"},       {"new\nline", 8, "new\\nline"}, {"a\\b", 3, "a\\\\b"},
        {"\x1b[0m", 4, "\\033[0m"},  {"nul\0in", 6, "nul\\000in"},   {"\x7f", 1, "\\177"},
        {"\xc3\xa9", 2, "\xc3\xa9"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        char shown[64];
        assert_string_equal(cramfs_escape(cases[i].bytes, cases[i].length, shown, sizeof(shown)),
                            cases[i].shown);
    }
}

static void escape_never_writes_past_its_buffer(void **state)
{
    (void)state;
    char shown[12];
    memset(shown, 'x', sizeof(shown));
    cramfs_escape("\n\n\n\n\n\n\n\n", 8, shown, 11);
    assert_string_equal(shown, "\\n\\n\\n...");
    assert_int_equal(shown[11], 'x');
}

static void diagnostics_are_kept_and_counted(void **state)
{
    (void)state;
    struct cramfs_diags diags = {0};
    assert_int_equal(cramfs_fail(&diags, CRAMFS_ERR_LIMIT, "/a", "%d over %d", 2, 1),
                     -CRAMFS_ERR_LIMIT);
    cramfs_report(&diags, CRAMFS_NOTE, CRAMFS_ERR_IO, NULL, "only a note");
    assert_int_equal(diags.errors, 1);
    assert_int_equal(diags.list_count, 2);
    assert_string_equal(diags.list[0].path, "/a");
    assert_string_equal(diags.list[0].text, "2 over 1");
    assert_null(diags.list[1].path);
    cramfs_diags_free(&diags);
    assert_int_equal(diags.list_count, 0);
    assert_int_equal(cramfs_fail(NULL, CRAMFS_ERR_IO, NULL, "nobody listens"), -CRAMFS_ERR_IO);
}

static void glyphs_that_do_not_stand_for_themselves(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t length;
        enum glyph glyph;
    } cases[] = {
        {"a", 1, GLYPH_SHOWN},
        {"\n", 1, GLYPH_CONTROL},
        {"\x7f", 1, GLYPH_CONTROL},
        {"\xc2\x80", 2, GLYPH_CONTROL},
        {"\xc2\x9f", 2, GLYPH_CONTROL},
        {"\xc2\xa0", 2, GLYPH_SHOWN},
        {"\xc2\xad", 2, GLYPH_FORMAT},
        {"\xe2\x80\x8a", 3, GLYPH_SHOWN},
        {"\xe2\x80\x8b", 3, GLYPH_FORMAT},
        {"\xe2\x80\xae", 3, GLYPH_FORMAT},
        {"\xe2\x80\xaf", 3, GLYPH_SHOWN},
        {"\xef\xbb\xbf", 3, GLYPH_FORMAT},
        {"\xf0\x9f\x98\x80", 4, GLYPH_SHOWN},
        {"\xf3\xa0\x80\x81", 4, GLYPH_FORMAT},
        {"\xf3\xa0\x81\xbf", 4, GLYPH_FORMAT},
        {"\xf3\xa0\x82\x80", 4, GLYPH_SHOWN},
        /* No UTF-8: cut, overlong, a surrogate, past the last plane, alone. */
        {"\xe2\x80", 1, GLYPH_SHOWN},
        {"\xc0\x9b", 1, GLYPH_SHOWN},
        {"\xed\xa0\x80", 1, GLYPH_SHOWN},
        {"\xf4\x90\x80\x80", 1, GLYPH_SHOWN},
        {"\x9b", 1, GLYPH_CONTROL},
        {"\xa0", 1, GLYPH_SHOWN},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        size_t length = 0;
        assert_int_equal(glyph_at(cases[i].bytes, strlen(cases[i].bytes), &length), cases[i].glyph);
        assert_int_equal(length, cases[i].length);
    }
    char shown[CRAMFS_ESCAPED_SIZE(3)];
    assert_string_equal(cramfs_escape("\xe2\x80\xae", 3, shown, sizeof(shown)), "\\342\\200\\256");
    assert_string_equal(cramfs_escape("\xe2\x80z", 3, shown, sizeof(shown)), "\xe2\\200z");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(glyphs_that_do_not_stand_for_themselves),
        cmocka_unit_test(array_grows_and_keeps_what_it_has),
        cmocka_unit_test(array_refuses_a_size_that_wraps),
        cmocka_unit_test(an_array_of_more_than_memory_has_is_none),
        cmocka_unit_test(hash_depends_on_every_byte_and_the_length),
        cmocka_unit_test(hash_index_finds_all_under_one_hash),
        cmocka_unit_test(records_of_one_hash_keep_their_order_whatever_stands_between_them),
        cmocka_unit_test(hash_index_forgets_what_is_removed_and_nothing_else),
        cmocka_unit_test(pool_returns_jobs_in_order_of_submission),
        cmocka_unit_test(pool_collects_jobs_in_order_of_submission),
        cmocka_unit_test(pool_works_with_the_workers_that_it_can_make),
        cmocka_unit_test(escape_shows_control_characters),
        cmocka_unit_test(escape_never_writes_past_its_buffer),
        cmocka_unit_test(diagnostics_are_kept_and_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
