#include "unit.h"

#include <string.h>

#include "cramfs/block.h"
#include "cramfs/extent.h"
#include "cramfs/format.h"
#include "format/bytes.h"

static const struct cramfs_inode inode_example = {.mode = 0x81a4,
                                                  .uid = 0x1234,
                                                  .gid = 0x56,
                                                  .name_length = 8,
                                                  .size = 0x789abc,
                                                  .offset = 0x1234};

static void inode_has_the_bytes_of_a_little_endian_machine(void **state)
{
    (void)state;
    /* mode uid | size:24 gid:8 | namelen 2 in the low 6 bits, offset 0x48d above */
    static const unsigned char expected[] = {0xa4, 0x81, 0x34, 0x12, 0xbc, 0x9a,
                                             0x78, 0x56, 0x42, 0x23, 0x01, 0x00};
    unsigned char bytes[CRAMFS_INODE_SIZE];
    cramfs_inode_encode(CRAMFS_LITTLE, &inode_example, bytes);
    assert_memory_equal(bytes, expected, sizeof(bytes));
}

static void inode_has_the_bytes_of_a_big_endian_machine(void **state)
{
    (void)state;
    /* mode uid | size:24 gid:8 | namelen 2 in the high 6 bits, offset 0x48d below */
    static const unsigned char expected[] = {0x81, 0xa4, 0x12, 0x34, 0x78, 0x9a,
                                             0xbc, 0x56, 0x08, 0x00, 0x04, 0x8d};
    unsigned char bytes[CRAMFS_INODE_SIZE];
    cramfs_inode_encode(CRAMFS_BIG, &inode_example, bytes);
    assert_memory_equal(bytes, expected, sizeof(bytes));
}

static void inode_keeps_its_largest_values(void **state)
{
    (void)state;
    const struct cramfs_inode largest = {.mode = 0xffff,
                                         .uid = CRAMFS_MAX_UID,
                                         .gid = CRAMFS_MAX_GID,
                                         .name_length = CRAMFS_MAX_NAME,
                                         .size = CRAMFS_MAX_FILE_SIZE,
                                         .offset = CRAMFS_MAX_INODE_OFFSET};
    for (enum cramfs_order order = CRAMFS_LITTLE; order <= CRAMFS_BIG; order++) {
        unsigned char bytes[CRAMFS_INODE_SIZE];
        struct cramfs_inode decoded;
        cramfs_inode_encode(order, &largest, bytes);
        cramfs_inode_decode(order, bytes, &decoded);
        assert_int_equal(decoded.mode, largest.mode);
        assert_int_equal(decoded.uid, largest.uid);
        assert_int_equal(decoded.gid, largest.gid);
        assert_int_equal(decoded.name_length, largest.name_length);
        assert_int_equal(decoded.size, largest.size);
        assert_int_equal(decoded.offset, largest.offset);
    }
}

static void super_tells_its_byte_order(void **state)
{
    (void)state;
    struct cramfs_super super = {.size = 4096, .flags = 3, .crc = 1, .edition = 2, .files = 9};
    memcpy(super.signature, CRAMFS_SIGNATURE, 16);
    memcpy(super.name, "sixteen bytes ok", 16);
    super.root = inode_example;
    for (enum cramfs_order order = CRAMFS_LITTLE; order <= CRAMFS_BIG; order++) {
        unsigned char bytes[CRAMFS_SUPER_SIZE];
        struct cramfs_super decoded;
        enum cramfs_order found;
        cramfs_super_encode(order, &super, bytes);
        assert_true(cramfs_super_decode(bytes, &found, &decoded));
        assert_int_equal(found, order);
        assert_int_equal(decoded.size, 4096);
        assert_int_equal(decoded.edition, 2);
        assert_memory_equal(decoded.name, super.name, 16);
        assert_int_equal(decoded.root.offset, inode_example.offset);
        assert_int_equal(load32(order, bytes + CRAMFS_SUPER_CRC_OFFSET), 1);
        bytes[0] ^= 1;
        assert_false(cramfs_super_decode(bytes, &found, &decoded));
    }
}

/* An image of zeroes with a pointer table at 1000 and whatever a test puts elsewhere. */
struct fixture {
    struct cramfs_reader reader;
    unsigned char bytes[65536];
};

static void read_fixture(const struct cramfs_reader *reader, uint64_t offset, void *to,
                         size_t length)
{
    const struct fixture *fixture = (const struct fixture *)reader;
    assert_true(offset + length <= reader->size);
    memcpy(to, fixture->bytes + offset, length);
}

enum { TABLE = 1000, PAGE = 4096 };

static struct cramfs_table make_table(struct fixture *fixture, uint32_t size,
                                      const uint32_t *pointers, size_t count)
{
    memset(fixture, 0, sizeof(*fixture));
    fixture->reader = (struct cramfs_reader){sizeof(fixture->bytes), read_fixture};
    for (size_t i = 0; i < count; i++)
        store32(CRAMFS_BIG, fixture->bytes + TABLE + 4 * i, pointers[i]);
    return (struct cramfs_table){&fixture->reader, CRAMFS_BIG, PAGE, TABLE, size};
}

static uint32_t direct(uint32_t start)
{
    return start / 4 | CRAMFS_POINTER_DIRECT;
}

static void expect(const struct cramfs_table *table, uint32_t index, enum cramfs_block_kind kind,
                   uint64_t offset, uint64_t length)
{
    struct cramfs_block block;
    cramfs_block_locate(table, index, &block);
    assert_int_equal(block.fault, CRAMFS_BLOCK_SOUND);
    assert_int_equal(block.kind, kind);
    assert_int_equal(block.offset, offset);
    assert_int_equal(block.length, length);
}

static void expect_fault(const struct cramfs_table *table, uint32_t index,
                         enum cramfs_block_fault fault)
{
    struct cramfs_block block;
    cramfs_block_locate(table, index, &block);
    assert_int_equal(block.fault, fault);
}

static struct fixture fixture;

static void plain_pointers_chain_from_the_end_of_the_table(void **state)
{
    (void)state;
    const uint32_t pointers[] = {1112, 1112, 1200 | CRAMFS_POINTER_STORED, 1300};
    struct cramfs_table table = make_table(&fixture, 3 * PAGE + 5, pointers, 4);
    expect(&table, 0, CRAMFS_BLOCK_DEFLATED, 1016, 96);
    expect(&table, 1, CRAMFS_BLOCK_HOLE, 1112, 0);
    expect(&table, 2, CRAMFS_BLOCK_STORED, 1112, 88);
    expect(&table, 3, CRAMFS_BLOCK_DEFLATED, 1200, 100);
}

static void direct_pointers_say_where_and_a_prefix_says_how_long(void **state)
{
    (void)state;
    const uint32_t pointers[] = {direct(8192) | CRAMFS_POINTER_STORED, direct(2000), direct(2400),
                                 direct(16384) | CRAMFS_POINTER_STORED};
    struct cramfs_table table = make_table(&fixture, 3 * PAGE + 5, pointers, 4);
    store16(CRAMFS_BIG, fixture.bytes + 2000, 77);
    expect(&table, 0, CRAMFS_BLOCK_STORED, 8192, PAGE);
    expect(&table, 1, CRAMFS_BLOCK_DEFLATED, 2002, 77);
    expect(&table, 2, CRAMFS_BLOCK_HOLE, 2402, 0);
    expect(&table, 3, CRAMFS_BLOCK_STORED, 16384, 5);
}

static void plain_pointers_start_where_a_direct_block_ended(void **state)
{
    (void)state;
    const uint32_t pointers[] = {direct(8192) | CRAMFS_POINTER_STORED, 12388, direct(2000), 2100};
    struct cramfs_table table = make_table(&fixture, 4 * PAGE - 1, pointers, 4);
    store16(CRAMFS_BIG, fixture.bytes + 2000, 77);
    expect(&table, 1, CRAMFS_BLOCK_DEFLATED, 12288, 100);
    expect(&table, 3, CRAMFS_BLOCK_DEFLATED, 2079, 21);
}

static void last_stored_direct_block_of_whole_pages_is_a_hole(void **state)
{
    (void)state;
    const uint32_t pointers[] = {direct(8192) | CRAMFS_POINTER_STORED,
                                 direct(12288) | CRAMFS_POINTER_STORED};
    struct cramfs_table table = make_table(&fixture, 2 * PAGE, pointers, 2);
    expect(&table, 0, CRAMFS_BLOCK_STORED, 8192, PAGE);
    expect(&table, 1, CRAMFS_BLOCK_HOLE, 12288, 0);
}

static void faults_are_told_and_never_read(void **state)
{
    (void)state;
    static const struct {
        uint32_t first, second;
        enum cramfs_block_fault fault; /* of the second */
    } cases[] = {
        {2000, 1999, CRAMFS_BLOCK_BACKWARDS},
        {2000, 2000 + 2 * PAGE + 1, CRAMFS_BLOCK_TOO_LONG},
        {2000, (2000 + PAGE + 1) | CRAMFS_POINTER_STORED, CRAMFS_BLOCK_TOO_LONG},
        {65000, 66000, CRAMFS_BLOCK_OUTSIDE},
        {2000, CRAMFS_POINTER_DIRECT | CRAMFS_POINTER_VALUE, CRAMFS_BLOCK_PREFIX_OUTSIDE},
        {2000, CRAMFS_POINTER_DIRECT | CRAMFS_POINTER_STORED | CRAMFS_POINTER_VALUE,
         CRAMFS_BLOCK_OUTSIDE},
        {CRAMFS_POINTER_DIRECT | CRAMFS_POINTER_VALUE, 2000, CRAMFS_BLOCK_PREFIX_OUTSIDE},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        const uint32_t pointers[] = {cases[i].first, cases[i].second, 0};
        struct cramfs_table table = make_table(&fixture, 2 * PAGE + 1, pointers, 3);
        expect_fault(&table, 1, cases[i].fault);
    }
}

static void table_behind_the_end_is_a_fault(void **state)
{
    (void)state;
    struct cramfs_table table = make_table(&fixture, 2 * PAGE, NULL, 0);
    table.offset = sizeof(fixture.bytes) - 4;
    store32(CRAMFS_BIG, fixture.bytes + table.offset, table.offset + 8);
    expect(&table, 0, CRAMFS_BLOCK_HOLE, table.offset + 8, 0);
    expect_fault(&table, 1, CRAMFS_BLOCK_TABLE_OUTSIDE);
}

static void extents_sort_merge_and_keep_the_first_owner(void **state)
{
    (void)state;
    static const struct cramfs_extent given[] = {
        {200, 50, CRAMFS_EXTENT_DEFLATED, 1, 1, 1},  {100, 100, CRAMFS_EXTENT_DEFLATED, 1, 0, 1},
        {100, 100, CRAMFS_EXTENT_DEFLATED, 2, 7, 1}, {250, 10, CRAMFS_EXTENT_STORED, 1, 2, 1},
        {260, 10, CRAMFS_EXTENT_STORED, 1, 4, 1},    {0, 76, CRAMFS_EXTENT_SUPER, 0, 0, 0},
    };
    struct cramfs_extents extents = {0};
    for (size_t i = 0; i < COUNT(given); i++)
        assert_int_equal(cramfs_extents_add(&extents, &given[i]), 0);
    cramfs_extents_sort(&extents);
    assert_int_equal(extents.list_count, 5);
    cramfs_extents_merge(&extents);
    assert_int_equal(extents.list_count, 4);
    assert_int_equal(extents.list[1].owner, 1);
    assert_int_equal(extents.list[1].length, 150);
    assert_int_equal(extents.list[1].blocks, 2);
    assert_int_equal(extents.list[3].first_block, 4); /* block 3 is elsewhere: not merged */
    cramfs_extents_free(&extents);
}

/* Tables of a damaged image can give the same bytes different kinds. */
static void extents_of_one_kind_are_listed_once_with_another_kind_between_them(void **state)
{
    (void)state;
    static const struct cramfs_extent given[] = {
        {100, 50, CRAMFS_EXTENT_DEFLATED, 3, 0, 1}, {100, 50, CRAMFS_EXTENT_STORED, 2, 0, 1},
        {100, 50, CRAMFS_EXTENT_DEFLATED, 1, 0, 1}, {100, 50, CRAMFS_EXTENT_STORED, 4, 0, 1},
        {100, 60, CRAMFS_EXTENT_DEFLATED, 5, 0, 1},
    };
    struct cramfs_extents extents = {0};
    for (size_t i = 0; i < COUNT(given); i++)
        assert_int_equal(cramfs_extents_add(&extents, &given[i]), 0);
    cramfs_extents_sort(&extents);
    assert_int_equal(extents.list_count, 3);
    assert_int_equal(extents.list[0].owner, 1);
    assert_int_equal(extents.list[1].owner, 2);
    assert_int_equal(extents.list[2].owner, 5);
    for (size_t guess = 0; guess < 4; guess++)
        assert_int_equal(cramfs_extents_find(&extents, &given[3], guess), 1);
    cramfs_extents_free(&extents);
}

/* The first bytes of a stream can be the length of another one. */
static void extents_of_blocks_with_and_without_a_length_are_two(void **state)
{
    (void)state;
    static const struct cramfs_extent given[] = {
        {100, 50, CRAMFS_EXTENT_DEFLATED, 1, 0, 1, 0},
        {100, 50, CRAMFS_EXTENT_DEFLATED, 2, 0, 1, 2},
        {100, 50, CRAMFS_EXTENT_DEFLATED, 3, 0, 1, 0},
        {100, 50, CRAMFS_EXTENT_DEFLATED, 4, 0, 1, 2},
    };
    struct cramfs_extents extents = {0};
    for (size_t i = 0; i < COUNT(given); i++)
        assert_int_equal(cramfs_extents_add(&extents, &given[i]), 0);
    cramfs_extents_sort(&extents);
    assert_int_equal(extents.list_count, 2);
    for (size_t guess = 0; guess < 3; guess++) {
        assert_int_equal(cramfs_extents_find(&extents, &given[2], guess), 0);
        assert_int_equal(cramfs_extents_find(&extents, &given[3], guess), 1);
    }
    cramfs_extents_free(&extents);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(inode_has_the_bytes_of_a_little_endian_machine),
        cmocka_unit_test(inode_has_the_bytes_of_a_big_endian_machine),
        cmocka_unit_test(inode_keeps_its_largest_values),
        cmocka_unit_test(super_tells_its_byte_order),
        cmocka_unit_test(plain_pointers_chain_from_the_end_of_the_table),
        cmocka_unit_test(direct_pointers_say_where_and_a_prefix_says_how_long),
        cmocka_unit_test(plain_pointers_start_where_a_direct_block_ended),
        cmocka_unit_test(last_stored_direct_block_of_whole_pages_is_a_hole),
        cmocka_unit_test(faults_are_told_and_never_read),
        cmocka_unit_test(table_behind_the_end_is_a_fault),
        cmocka_unit_test(extents_sort_merge_and_keep_the_first_owner),
        cmocka_unit_test(extents_of_one_kind_are_listed_once_with_another_kind_between_them),
        cmocka_unit_test(extents_of_blocks_with_and_without_a_length_are_two),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
