#include "unit.h"

#include <stdio.h>
#include <stdlib.h>

#include "read/intervals.h"

static void claims_are_free_same_or_overlap(void **state)
{
    (void)state;
    struct intervals intervals = {0};
    uint32_t other = 0;
    assert_int_equal(intervals_add(&intervals, 100, 200, 1, &other), INTERVAL_FREE);
    assert_int_equal(intervals_add(&intervals, 200, 300, 2, &other), INTERVAL_FREE);
    assert_int_equal(intervals_add(&intervals, 0, 100, 3, &other), INTERVAL_FREE);
    assert_int_equal(intervals_add(&intervals, 200, 300, 4, &other), INTERVAL_SAME);
    assert_int_equal(other, 2);
    assert_int_equal(intervals_add(&intervals, 299, 301, 5, &other), INTERVAL_OVERLAP);
    assert_int_equal(other, 2);
    assert_int_equal(intervals_add(&intervals, 100, 199, 6, &other), INTERVAL_OVERLAP);
    assert_int_equal(other, 1);
    intervals_free(&intervals);
}

/* Against a byte map, in the orders that make plain trees long. */
static void any_order_of_claims_gives_what_a_byte_map_gives(void **state)
{
    (void)state;
    enum { BYTES = 20000, SEED = 7 };
    static unsigned char map[BYTES + 64];
    srand(SEED);
    printf("seed %d\n", SEED);
    struct intervals intervals = {0};
    for (uint32_t i = 0; i < 30000; i++) {
        uint64_t begin = i < 2000   ? i * 4
                         : i < 4000 ? BYTES - (i - 2000) * 4
                                    : (uint64_t)(rand() % BYTES);
        uint64_t end = begin + 1 + (uint64_t)(rand() % 3);
        int taken = 0;
        for (uint64_t j = begin; j < end; j++)
            taken |= map[j];
        uint32_t other;
        int claim = intervals_add(&intervals, begin, end, i, &other);
        assert_int_equal(claim == INTERVAL_FREE, !taken);
        for (uint64_t j = begin; !taken && j < end; j++)
            map[j] = 1;
    }
    intervals_free(&intervals);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(claims_are_free_same_or_overlap),
        cmocka_unit_test(any_order_of_claims_gives_what_a_byte_map_gives),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
