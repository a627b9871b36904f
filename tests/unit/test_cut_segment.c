#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "pack/budget/cuts/cut_segment.h"

enum { PAGES = 9, CUT = 7 };

static uint32_t next(uint32_t *state)
{
    *state = *state * 1664525 + 1013904223;
    return *state >> 16;
}

/*
 * What it is worth to have just these pages in place (a bit each), with as few cuts as that takes:
 * one for each run but that of the first page, which must be there. INT64_MIN: it cannot be.
 */
static int64_t worth_of(const int64_t *value, unsigned placed, uint32_t most, uint64_t *cost)
{
    uint32_t cuts = 0;
    int64_t sum = 0;
    *cost = 0;
    if (!placed)
        return 0;
    if (!(placed & 1))
        return INT64_MIN;
    for (unsigned i = 0; i < PAGES; i++) {
        if (!(placed >> i & 1))
            continue;
        sum += value[i];
        *cost += i + 1;
        cuts += i && !(placed >> (i - 1) & 1);
    }
    return cuts <= most ? sum - (int64_t)cuts * CUT : INT64_MIN;
}

static int64_t best_worth(const int64_t *value, uint32_t most)
{
    int64_t best = 0;
    uint64_t cost;
    for (unsigned placed = 0; placed < 1u << PAGES; placed++) {
        int64_t worth = worth_of(value, placed, most, &cost);
        best = worth > best ? worth : best;
    }
    return best;
}

/* Each piece has its first page in place; which others, the choice of pages finds. */
static void best_of_all_choices_is_found(void **state)
{
    (void)state;
    uint32_t seed = 20;
    print_message("seed %u\n", seed);
    for (int round = 0; round < 400; round++) {
        int64_t value[PAGES];
        uint64_t cost[PAGES];
        for (unsigned i = 0; i < PAGES; i++) {
            value[i] = (int64_t)(next(&seed) % 40) - 22;
            cost[i] = i + 1;
        }
        for (uint32_t most = 0; most <= 4; most++) {
            uint32_t cuts[4];
            struct segment_cuts found = {.cuts = cuts};
            assert_int_equal(cut_segment(value, cost, PAGES, most, CUT, &found), 0);
            assert_int_equal(found.worth, best_worth(value, most));
            assert_true(found.count <= most);
            assert_int_equal(found.cost > 0, found.worth > 0);
            for (size_t i = 0; i < found.count; i++)
                assert_true(cuts[i] > (i ? cuts[i - 1] : 0) && cuts[i] < PAGES);
        }
    }
}

static void how_many_cuts_fewer_are_made_for_smaller_bounds_is_known(void **state)
{
    (void)state;
    uint32_t seed = 21;
    print_message("seed %u\n", seed);
    unsigned with_cuts = 0;
    for (int round = 0; round < 400; round++) {
        int64_t value[PAGES];
        const uint64_t cost[PAGES] = {0};
        for (unsigned i = 0; i < PAGES; i++)
            value[i] = (int64_t)(next(&seed) % 60) - 28;
        uint32_t cuts[4];
        uint32_t more[5] = {0};
        struct segment_cuts all = {.cuts = cuts, .more = more};
        assert_int_equal(cut_segment(value, cost, PAGES, 4, CUT, &all), 0);
        uint32_t count = 0;
        for (uint32_t most = 0; most <= 4; most++) {
            struct segment_cuts found = {.cuts = cuts};
            assert_int_equal(cut_segment(value, cost, PAGES, most, CUT, &found), 0);
            count += more[most];
            assert_int_equal(count, found.count);
        }
        with_cuts += all.count > 1;
    }
    assert_true(with_cuts > 40);
}

static void cuts_are_at_the_first_page_of_each_later_run(void **state)
{
    (void)state;
    const int64_t value[] = {5, -9, -9, 50, 50, -9, -9, -9, 50};
    const uint64_t cost[] = {1, 2, 3, 4, 5, 6, 7, 8, 9};
    uint32_t cuts[4];
    struct segment_cuts found = {.cuts = cuts};
    assert_int_equal(cut_segment(value, cost, PAGES, 4, CUT, &found), 0);
    assert_int_equal(found.count, 2);
    assert_int_equal(cuts[0], 3);
    assert_int_equal(cuts[1], 8);
    assert_int_equal(found.cost, 1 + 4 + 5 + 9);
    assert_int_equal(found.worth, 5 + 50 + 50 + 50 - 2 * CUT);
}

static void nothing_is_cut_where_nothing_is_worth_its_flash(void **state)
{
    (void)state;
    const int64_t value[] = {-40, -1, 30};
    const uint64_t cost[] = {1, 1, 1};
    uint32_t cuts[2];
    struct segment_cuts found = {.cuts = cuts};
    assert_int_equal(cut_segment(value, cost, 3, 2, CUT, &found), 0);
    assert_int_equal(found.count, 0);
    assert_int_equal(found.cost, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(best_of_all_choices_is_found),
        cmocka_unit_test(how_many_cuts_fewer_are_made_for_smaller_bounds_is_known),
        cmocka_unit_test(cuts_are_at_the_first_page_of_each_later_run),
        cmocka_unit_test(nothing_is_cut_where_nothing_is_worth_its_flash),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
