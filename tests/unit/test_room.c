/*
 * Room: taken and free bytes, compared with a plain array of bytes.
 */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "pack/like/room.h"

enum { SIZE = 4096, UNIT = 4, STEPS = 3000 };

/* The same, byte by byte. */
static bool taken[SIZE];

static void fill(uint64_t offset, uint64_t length, bool value)
{
    uint64_t end = (offset + length + UNIT - 1) / UNIT * UNIT;
    for (uint64_t i = offset / UNIT * UNIT; length && i < end; i++)
        taken[i] = value;
}

static bool plainly_free(uint64_t offset, uint64_t length)
{
    for (uint64_t i = offset / UNIT * UNIT; i < offset + length; i++) {
        if (taken[i])
            return false;
    }
    return true;
}

/* Every free span below the limit is found, whole and in order, and nothing else is. */
static void expect_spans(const struct room *room, uint64_t limit)
{
    struct span span = {0, 0};
    uint64_t at = 0;
    while (room_next(room, at, limit, &span)) {
        for (uint64_t i = at; i < span.begin; i++)
            assert_true(taken[i]);
        assert_true(span.begin < span.end && span.end <= limit);
        assert_true(plainly_free(span.begin, span.end - span.begin));
        assert_true(span.end + UNIT > limit || taken[span.end]);
        at = span.end;
    }
    for (uint64_t i = at; i < limit / UNIT * UNIT; i++)
        assert_true(taken[i]);
}

static void test_room_is_what_was_taken_and_not_given_back(void **state)
{
    (void)state;
    struct room room = {0};
    srand(11);
    for (int i = 0; i < STEPS; i++) {
        uint64_t offset = (uint64_t)rand() % (SIZE - 600);
        uint64_t length = (uint64_t)rand() % (rand() % 4 ? 40 : 600);
        assert_int_equal(length ? room_is_free(&room, offset, length) : 1,
                         length ? plainly_free(offset, length) : 1);
        if (rand() % 3) {
            assert_int_equal(room_take(&room, offset, length), 0);
            fill(offset, length, true);
        } else {
            room_give(&room, offset, length);
            fill(offset, length, false);
        }
        if (i % 50 == 0) {
            expect_spans(&room, SIZE);
            expect_spans(&room, (uint64_t)rand() % SIZE);
        }
    }
    room_free(&room);
}

static void test_the_end_is_behind_the_last_that_is_taken(void **state)
{
    (void)state;
    struct room room = {0};
    assert_int_equal(room_end(&room), 0);
    for (uint64_t end = 1; end < 3000; end += 7) {
        room_free(&room);
        assert_int_equal(room_take(&room, end - 1, 1), 0);
        assert_int_equal(room_end(&room), (end + UNIT - 1) / UNIT * UNIT);
    }
    room_free(&room);
}

static void test_a_copy_is_its_own(void **state)
{
    (void)state;
    struct room room = {0};
    struct room copy = {0};
    assert_int_equal(room_take(&room, 100, 1000), 0);
    assert_int_equal(room_copy(&room, &copy), 0);
    room_give(&room, 100, 1000);
    assert_true(room_is_free(&room, 0, 5000));
    assert_false(room_is_free(&copy, 1096, 4));
    assert_true(room_is_free(&copy, 1100, 4));
    room_free(&room);
    room_free(&copy);
}

/* A few taken bytes far after the others cost as much as an image of that size, and no more. */
static void test_offsets_reach_to_the_largest_image(void **state)
{
    (void)state;
    struct room room = {0};
    struct span span;
    assert_int_equal(room_take(&room, 0xfffffff0u, 12), 0);
    assert_int_equal(room_end(&room), 0xfffffffcu);
    assert_true(room_next(&room, 0, UINT64_C(1) << 32, &span));
    assert_int_equal(span.begin, 0);
    assert_int_equal(span.end, 0xfffffff0u);
    assert_true(room_next(&room, span.end, UINT64_C(1) << 32, &span));
    assert_int_equal(span.begin, 0xfffffffcu);
    room_free(&room);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_room_is_what_was_taken_and_not_given_back),
        cmocka_unit_test(test_the_end_is_behind_the_last_that_is_taken),
        cmocka_unit_test(test_a_copy_is_its_own),
        cmocka_unit_test(test_offsets_reach_to_the_largest_image),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
