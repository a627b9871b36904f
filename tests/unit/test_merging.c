#include "unit.h"

#include <string.h>

#include "cramfs/mapping.h"
#include "format/bytes.h"

enum { PAGE = 4096, R = CRAMFS_ELF_READ, RX = R | CRAMFS_ELF_EXECUTE, RW = R | CRAMFS_ELF_WRITE };

/* A segment of some pages, at the same page of the file and of memory. */
static struct cramfs_mapping pages(uint32_t flags, uint64_t first, uint64_t count)
{
    return (struct cramfs_mapping){
        .flags = flags,
        .offset = first * PAGE,
        .length = count * PAGE,
        .kept_pages = count,
        .address = first * PAGE,
        .reach = count * PAGE,
    };
}

/* The first mapping is requested with the length of all. */
static void span(struct cramfs_mapping *mappings, size_t count)
{
    mappings[0].length =
        mappings[count - 1].address + mappings[count - 1].reach - mappings[0].address;
}

static void expect_joins(const struct cramfs_mapping *mapping, size_t before, size_t after)
{
    assert_int_equal(mapping->joins[0], before);
    assert_int_equal(mapping->joins[1], after);
}

static void a_mapping_joins_the_one_that_it_continues(void **state)
{
    (void)state;
    struct cramfs_mapping list[] = {pages(RX, 0, 2), pages(RX, 2, 1), pages(R, 3, 1),
                                    pages(R, 4, 2),  pages(RW, 6, 1), pages(RW, 7, 1)};
    span(list, COUNT(list));
    cramfs_mappings_join(list, COUNT(list), PAGE, CRAMFS_LOADER_KERNEL);
    expect_joins(&list[0], 0, 0);
    expect_joins(&list[1], 1, 0);
    expect_joins(&list[2], 0, 0); /* other flags */
    expect_joins(&list[3], 1, 0);
    expect_joins(&list[5], 1, 0);
}

static void neither_a_gap_in_memory_nor_one_in_the_file_is_joined(void **state)
{
    (void)state;
    struct cramfs_mapping list[] = {pages(R, 0, 2), pages(R, 3, 1), pages(R, 4, 1), pages(R, 5, 1)};
    list[2].offset += PAGE; /* another page of the file */
    list[3].impossible = true;
    cramfs_mappings_join(list, COUNT(list), PAGE, CRAMFS_LOADER_KERNEL);
    for (size_t i = 0; i < COUNT(list); i++)
        expect_joins(&list[i], 0, 0);
}

static void zeroes_behind_a_segment_are_no_part_of_the_file(void **state)
{
    (void)state;
    struct cramfs_mapping list[] = {pages(R, 0, 1), pages(R, 1, 1)};
    list[0].reach = 2 * PAGE;
    list[1].address = list[1].offset = 2 * PAGE;
    cramfs_mappings_join(list, 2, PAGE, CRAMFS_LOADER_KERNEL);
    expect_joins(&list[1], 0, 0);
}

/* r--, r-x, r--, rw-: the rest of the first mapping comes after the third. */
static void a_library_s_constants_join_the_rest_of_its_first_mapping(void **state)
{
    (void)state;
    struct cramfs_mapping list[] = {pages(R, 0, 1), pages(RX, 1, 2), pages(R, 3, 1),
                                    pages(RW, 4, 1)};
    span(list, COUNT(list));
    cramfs_mappings_join(list, COUNT(list), PAGE, CRAMFS_LOADER_KERNEL);
    expect_joins(&list[2], 0, 0);
    for (int loader = CRAMFS_LOADER_GLIBC; loader <= CRAMFS_LOADER_MUSL; loader++) {
        cramfs_mappings_join(list, COUNT(list), PAGE, (enum cramfs_loader)loader);
        expect_joins(&list[1], 0, 0);
        expect_joins(&list[2], 0, 2);
        expect_joins(&list[3], 0, 0);
    }
}

/* With holes between segments, glibc leaves the rest without rights up to the last segment. */
static void only_glibc_takes_the_rights_from_holes(void **state)
{
    (void)state;
    struct cramfs_mapping list[] = {pages(R, 0, 1), pages(RX, 2, 2), pages(R, 5, 1),
                                    pages(RW, 7, 1)};
    span(list, COUNT(list));
    cramfs_mappings_join(list, COUNT(list), PAGE, CRAMFS_LOADER_MUSL);
    expect_joins(&list[2], 2, 2);
    cramfs_mappings_join(list, COUNT(list), PAGE, CRAMFS_LOADER_GLIBC);
    expect_joins(&list[2], 0, 0);
}

/* A pointer table at byte 0 of an image: `#` is a page in place, `-` one that is not. */
struct fixture {
    struct cramfs_reader reader;
    unsigned char bytes[16 * 4];
};

static void read_fixture(const struct cramfs_reader *reader, uint64_t offset, void *to,
                         size_t length)
{
    const struct fixture *fixture = (const struct fixture *)reader;
    memset(to, 0, length);
    for (size_t i = 0; i < length && offset + i < sizeof(fixture->bytes); i++)
        ((unsigned char *)to)[i] = fixture->bytes[offset + i];
}

struct expected {
    enum cramfs_reason reason;
    uint64_t direct;
};

static void expect_predictions(const char *in_place, const struct cramfs_mapping *list,
                               size_t count, const struct expected *expected)
{
    struct fixture fixture = {.reader = {1 << 20, read_fixture, 0}};
    for (uint32_t i = 0; in_place[i]; i++)
        store32(CRAMFS_LITTLE, fixture.bytes + 4 * i,
                in_place[i] == '#'
                    ? (8 + i) * PAGE / 4 | CRAMFS_POINTER_DIRECT | CRAMFS_POINTER_STORED
                    : 500);
    const struct cramfs_table table = {&fixture.reader, CRAMFS_LITTLE, PAGE, 0,
                                       (uint32_t)strlen(in_place) * PAGE};
    const struct cramfs_placement placement = {true, PAGE, CRAMFS_KERNEL_MMU};
    struct cramfs_prediction found[8];
    cramfs_mappings_predict(&table, &placement, list, count, found);
    for (size_t i = 0; i < count; i++) {
        if (found[i].reason != expected[i].reason || found[i].direct_pages != expected[i].direct)
            fail_msg("%s: mapping %zu: reason %d, %d direct", in_place, i, (int)found[i].reason,
                     (int)found[i].direct_pages);
    }
}

static void merging_goes_on_until_a_mapping_has_a_direct_page(void **state)
{
    (void)state;
    struct cramfs_mapping list[] = {pages(RX, 0, 2), pages(RX, 2, 2), pages(RX, 4, 2)};
    cramfs_mappings_join(list, 3, PAGE, CRAMFS_LOADER_KERNEL);
    enum cramfs_reason none = CRAMFS_REASON_NONE, broken = CRAMFS_REASON_RUN_BROKEN,
                       merged = CRAMFS_REASON_MERGED_BEFORE, layout = CRAMFS_REASON_BLOCK_LAYOUT;
    expect_predictions("######", list, 3, (struct expected[]){{none, 2}, {none, 2}, {none, 2}});
    expect_predictions("#-#-#-", list, 3,
                       (struct expected[]){{broken, 1}, {broken, 1}, {broken, 1}});
    expect_predictions("-#####", list, 3,
                       (struct expected[]){{layout, 0}, {merged, 0}, {merged, 0}});
    expect_predictions("##-###", list, 3, (struct expected[]){{none, 2}, {layout, 0}, {merged, 0}});
}

static void a_library_needs_its_first_page_for_its_constants(void **state)
{
    (void)state;
    struct cramfs_mapping list[] = {pages(R, 0, 1), pages(RX, 1, 2), pages(R, 3, 1),
                                    pages(RW, 4, 1)};
    span(list, COUNT(list));
    cramfs_mappings_join(list, COUNT(list), PAGE, CRAMFS_LOADER_GLIBC);
    const struct expected cold[] = {{CRAMFS_REASON_BLOCK_LAYOUT, 0},
                                    {CRAMFS_REASON_NONE, 2},
                                    {CRAMFS_REASON_MERGED_AFTER, 0},
                                    {CRAMFS_REASON_WRITABLE, 0}};
    expect_predictions("-###-", list, COUNT(list), cold);
    const struct expected hot[] = {{CRAMFS_REASON_RUN_BROKEN, 4},
                                   {CRAMFS_REASON_NONE, 2},
                                   {CRAMFS_REASON_NONE, 1},
                                   {CRAMFS_REASON_WRITABLE, 0}};
    expect_predictions("####-", list, COUNT(list), hot);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_mapping_joins_the_one_that_it_continues),
        cmocka_unit_test(neither_a_gap_in_memory_nor_one_in_the_file_is_joined),
        cmocka_unit_test(zeroes_behind_a_segment_are_no_part_of_the_file),
        cmocka_unit_test(a_library_s_constants_join_the_rest_of_its_first_mapping),
        cmocka_unit_test(only_glibc_takes_the_rights_from_holes),
        cmocka_unit_test(merging_goes_on_until_a_mapping_has_a_direct_page),
        cmocka_unit_test(a_library_needs_its_first_page_for_its_constants),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
