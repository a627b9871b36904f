#include "unit.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "cramfs/elf.h"
#include "cramfs/program.h"
#include "cramfs/select.h"
#include "elf_header.h"
#include "format/bytes.h"

enum { PAGE = 4096 };

/* A 32-bit ELF file of `size` bytes, in the order of this host, with the given program headers. */
static unsigned char *make_elf(size_t size, uint16_t type, const Elf32_Phdr *headers, size_t count)
{
    unsigned char *file = calloc(1, size);
    Elf32_Ehdr header = elf_header(type, count);
    memcpy(file, &header, sizeof(header));
    memcpy(file + sizeof(header), headers, count * sizeof(*headers));
    return file;
}

/* Which pages are chosen, as a string of # and -. */
static void expect_selection(size_t size, uint16_t type, const Elf32_Phdr *headers, size_t count,
                             const char *expected)
{
    unsigned char *file = make_elf(size, type, headers, count);
    bool in_place[64] = {0};
    char found[65] = {0};
    struct cramfs_selection selection;
    assert_int_equal(cramfs_select(file, size, PAGE, CRAMFS_KERNEL_MMU, CRAMFS_XIP_READONLY,
                                   in_place, &selection),
                     0);
    for (size_t i = 0; i < (size + PAGE - 1) / PAGE; i++)
        found[i] = in_place[i] ? '#' : '-';
    assert_string_equal(found, expected);
    cramfs_selection_free(&selection);
    free(file);
}

static void read_only_segments_go_in_place_and_writable_ones_do_not(void **state)
{
    (void)state;
    const Elf32_Phdr separate[] = {elf_segment(PF_R, 0, 0, 100),
                                   elf_segment(PF_R | PF_X, PAGE, PAGE, 2 * PAGE),
                                   elf_segment(PF_R | PF_W, 4 * PAGE, 5 * PAGE, 100)};
    expect_selection(4 * PAGE + 100, ET_DYN, separate, 3, "###--");
    const Elf32_Phdr beside[] = {elf_segment(PF_R | PF_X, 0, 0, PAGE + 100),
                                 elf_segment(PF_R | PF_W, PAGE + 100, 2 * PAGE + 100, PAGE)};
    expect_selection(2 * PAGE + 100, ET_EXEC, beside, 2, "##-");
}

static void last_page_of_whole_pages_is_never_in_place(void **state)
{
    (void)state;
    const Elf32_Phdr text[] = {elf_segment(PF_R | PF_X, 0, 0, 3 * PAGE)};
    expect_selection(3 * PAGE, ET_EXEC, text, 1, "##-");
    const Elf32_Phdr one[] = {elf_segment(PF_R | PF_X, 0, 0, PAGE)};
    expect_selection(PAGE, ET_EXEC, one, 1, "-");
    expect_selection(PAGE + 1, ET_EXEC, one, 1, "#-");
}

static void segments_behind_the_file_are_clipped(void **state)
{
    (void)state;
    const Elf32_Phdr far[] = {elf_segment(PF_R, 0, 0, 100 * PAGE),
                              elf_segment(PF_R, 90 * PAGE, 90 * PAGE, PAGE)};
    expect_selection(2 * PAGE + 9, ET_DYN, far, 2, "###");
}

static void segments_that_no_page_size_fits_are_left(void **state)
{
    (void)state;
    const Elf32_Phdr skewed[] = {elf_segment(PF_R | PF_X, 100, 200, 2 * PAGE)};
    expect_selection(2 * PAGE + 200, ET_EXEC, skewed, 1, "---");
}

static void expect_kind(unsigned char *file, size_t size, enum cramfs_elf_kind kind)
{
    struct cramfs_elf elf;
    assert_int_equal(cramfs_elf_read(file, size, &elf), 0);
    assert_int_equal(elf.kind, kind);
    assert_int_equal(elf.fault != NULL, kind == CRAMFS_ELF_MALFORMED);
    cramfs_elf_free(&elf);
}

static void headers_that_the_kernel_refuses_are_malformed(void **state)
{
    (void)state;
    const Elf32_Phdr text[] = {elf_segment(PF_R | PF_X, 0, 0, PAGE)};
    unsigned char *file = make_elf(PAGE + 1, ET_EXEC, text, 1);
    Elf32_Ehdr good, header;
    memcpy(&good, file, sizeof(good));
    expect_kind(file, PAGE + 1, CRAMFS_ELF_LOADABLE);
    expect_kind(file, sizeof(good), CRAMFS_ELF_MALFORMED); /* cut after the header */
    expect_kind(file, 20, CRAMFS_ELF_MALFORMED);
    expect_kind(file, 3, CRAMFS_ELF_NONE);
    for (int i = 0; i < 5; i++) {
        header = good;
        if (i == 0)
            header.e_phentsize = 31;
        if (i == 1)
            header.e_phoff = UINT32_MAX;
        if (i == 2)
            header.e_phnum = 0;
        if (i == 3)
            header.e_phnum = 129; /* 4128 bytes of headers */
        if (i == 4)
            header.e_ident[EI_CLASS] = 7;
        memcpy(file, &header, sizeof(header));
        expect_kind(file, PAGE + 1, CRAMFS_ELF_MALFORMED);
    }
    header = good;
    header.e_type = ET_REL;
    memcpy(file, &header, sizeof(header));
    expect_kind(file, PAGE + 1, CRAMFS_ELF_OTHER);
    memcpy(file, &good, sizeof(good));
    Elf32_Phdr larger = text[0];
    larger.p_filesz = larger.p_memsz + 1;
    memcpy(file + sizeof(good), &larger, sizeof(larger));
    expect_kind(file, PAGE + 1, CRAMFS_ELF_MALFORMED);
    free(file);
}

static void first_mapping_of_a_position_independent_file_spans_all(void **state)
{
    (void)state;
    struct cramfs_elf_segment segments[] = {
        {.number = 1, .flags = 4, .offset = 0, .address = 0, .file_size = 100, .memory_size = 100},
        {.number = 2,
         .flags = 6,
         .offset = PAGE + 16,
         .address = 3 * PAGE + 16,
         .file_size = PAGE,
         .memory_size = 2 * PAGE},
        {.number = 3, .flags = 6, .address = 8 * PAGE, .memory_size = 5},
    };
    struct cramfs_elf elf = {.kind = CRAMFS_ELF_LOADABLE,
                             .position_independent = true,
                             .segments = segments,
                             .segments_count = COUNT(segments)};
    struct cramfs_mapping mappings[3];
    assert_int_equal(cramfs_elf_mappings(&elf, PAGE, mappings), 2); /* no file bytes: not mapped */
    assert_int_equal(mappings[0].length, 9 * PAGE);
    assert_int_equal(mappings[0].kept_pages, 1);
    assert_int_equal(mappings[1].offset, PAGE);
    assert_int_equal(mappings[1].length, 2 * PAGE);
    elf.position_independent = false;
    cramfs_elf_mappings(&elf, PAGE, mappings);
    assert_int_equal(mappings[0].length, PAGE);
}

/* A planned image: pointers at 100, in-place pages where they say. */
struct fixture {
    struct cramfs_reader reader;
    unsigned char bytes[16 * PAGE];
};

static void read_fixture(const struct cramfs_reader *reader, uint64_t offset, void *to,
                         size_t length)
{
    memcpy(to, ((const struct fixture *)reader)->bytes + offset, length);
}

static uint32_t in_place(uint32_t page)
{
    return page * PAGE / 4 | CRAMFS_POINTER_DIRECT | CRAMFS_POINTER_STORED;
}

struct rule_case {
    const char *name;
    uint32_t pointers[4];
    uint32_t size;
    struct cramfs_mapping asked;
    uint64_t address;
    bool plain_image; /* without EXT_BLOCK_POINTERS */
    int dirty;        /* a byte that is not zero */
    enum cramfs_reason reason;
    uint64_t direct;
};

/* Rules 1 to 6 of the kernel, in its order, and where each begins to hold. */
static void kernel_rules_decide_in_their_order(void **state)
{
    (void)state;
    enum { R = CRAMFS_ELF_READ, RW = R | CRAMFS_ELF_WRITE, BASE = 0x10000000 };
    const struct cramfs_mapping all = {
        .flags = R, .offset = 0, .length = 3 * PAGE, .kept_pages = 3};
    const struct cramfs_mapping writable = {
        .flags = RW, .offset = 0, .length = 3 * PAGE, .kept_pages = 3};
    const struct cramfs_mapping beyond = {
        .flags = R, .offset = 3 * PAGE, .length = PAGE, .kept_pages = 1};
    const struct cramfs_mapping longer = {
        .flags = R, .offset = 0, .length = 5 * PAGE, .kept_pages = 5};
    const struct cramfs_mapping second = {
        .flags = R, .offset = PAGE, .length = PAGE, .kept_pages = 1};
    const struct cramfs_mapping last = {
        .flags = R, .offset = 2 * PAGE, .length = PAGE, .kept_pages = 1};
    const uint32_t plain = 500;
    const struct rule_case cases[] = {
#define RUN {in_place(4), in_place(5), in_place(6)}
        {"a whole run", RUN, 3 * PAGE - 9, all, BASE, false, 0, CRAMFS_REASON_NONE, 3},
        {"address 0", RUN, 3 * PAGE - 9, all, 0, false, 0, CRAMFS_REASON_NO_ADDRESS, 0},
        {"no flag", RUN, 3 * PAGE - 9, all, BASE, true, 0, CRAMFS_REASON_NO_EXT_POINTERS, 0},
        {"writable", RUN, 3 * PAGE - 9, writable, BASE, false, 0, CRAMFS_REASON_WRITABLE, 0},
        {"beyond", RUN, 3 * PAGE - 9, beyond, BASE, false, 0, CRAMFS_REASON_BEYOND_FILE, 0},
        {"first plain",
         {plain, in_place(5), in_place(6)},
         3 * PAGE - 9,
         all,
         BASE,
         false,
         0,
         CRAMFS_REASON_BLOCK_LAYOUT,
         0},
        {"only direct",
         {4 * PAGE / 4 | CRAMFS_POINTER_DIRECT},
         9,
         all,
         BASE,
         false,
         0,
         CRAMFS_REASON_BLOCK_LAYOUT,
         0},
        {"start 0", {in_place(0)}, 9, all, BASE, false, 0, CRAMFS_REASON_BLOCK_LAYOUT, 0},
        {"base off", RUN, 3 * PAGE - 9, all, BASE + 512, false, 0, CRAMFS_REASON_NOT_ALIGNED, 0},
        {"base makes up for it",
         {in_place(4) + 1, in_place(5) + 1, in_place(6) + 1},
         3 * PAGE - 9,
         all,
         BASE - 4,
         false,
         0,
         CRAMFS_REASON_NONE,
         3},
        {"broken",
         {in_place(4), in_place(5), plain},
         3 * PAGE - 9,
         all,
         BASE,
         false,
         0,
         CRAMFS_REASON_RUN_BROKEN,
         2},
        {"a gap",
         {in_place(4), in_place(6), in_place(7)},
         3 * PAGE - 9,
         all,
         BASE,
         false,
         0,
         CRAMFS_REASON_RUN_BROKEN,
         1},
        {"a part of a broken one",
         {plain, in_place(5), plain},
         3 * PAGE - 9,
         second,
         BASE,
         false,
         0,
         CRAMFS_REASON_NONE,
         1},
        {"longer than the file", RUN, 3 * PAGE - 9, longer, BASE, false, 0, CRAMFS_REASON_FILE_ENDS,
         3},
        {"tail", RUN, 3 * PAGE - 9, all, BASE, false, 7 * PAGE - 9, CRAMFS_REASON_LAST_PAGE_SHARED,
         2},
        {"end of tail", RUN, 3 * PAGE - 9, all, BASE, false, 7 * PAGE - 1,
         CRAMFS_REASON_LAST_PAGE_SHARED, 2},
        {"last byte of the file", RUN, 3 * PAGE - 9, all, BASE, false, 7 * PAGE - 10,
         CRAMFS_REASON_NONE, 3},
        {"tail of the only page", RUN, 3 * PAGE - 9, last, BASE, false, 7 * PAGE - 9,
         CRAMFS_REASON_NO_BLOCK_REMAINING, 0},
        {"no tail", RUN, 3 * PAGE, all, BASE, false, 7 * PAGE, CRAMFS_REASON_NONE, 3},
#undef RUN
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct rule_case *one = &cases[i];
        static struct fixture fixture;
        memset(&fixture, 0, sizeof(fixture));
        fixture.reader = (struct cramfs_reader){sizeof(fixture.bytes), read_fixture};
        for (size_t j = 0; j < 4; j++)
            store32(CRAMFS_LITTLE, fixture.bytes + 100 + 4 * j, one->pointers[j]);
        if (one->dirty)
            fixture.bytes[one->dirty] |= 1;
        struct cramfs_table table = {&fixture.reader, CRAMFS_LITTLE, PAGE, 100, one->size};
        struct cramfs_placement placement = {!one->plain_image, one->address, CRAMFS_KERNEL_MMU};
        struct cramfs_prediction found;
        cramfs_mapping_predict(&table, &placement, &one->asked, &found);
        if (found.reason != one->reason || found.direct_pages != one->direct)
            fail_msg("%s: reason %d, %d direct", one->name, (int)found.reason,
                     (int)found.direct_pages);
    }
}

static void a_broken_run_names_its_block(void **state)
{
    (void)state;
    struct cramfs_prediction prediction = {.reason = CRAMFS_REASON_RUN_BROKEN, .block = 17};
    char buffer[64];
    assert_string_equal(cramfs_reason_text(&prediction, buffer, sizeof(buffer)),
                        "block 17 breaks the run");
    prediction.reason = CRAMFS_REASON_NONE;
    assert_null(cramfs_reason_text(&prediction, buffer, sizeof(buffer)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(read_only_segments_go_in_place_and_writable_ones_do_not),
        cmocka_unit_test(last_page_of_whole_pages_is_never_in_place),
        cmocka_unit_test(segments_behind_the_file_are_clipped),
        cmocka_unit_test(segments_that_no_page_size_fits_are_left),
        cmocka_unit_test(headers_that_the_kernel_refuses_are_malformed),
        cmocka_unit_test(first_mapping_of_a_position_independent_file_spans_all),
        cmocka_unit_test(kernel_rules_decide_in_their_order),
        cmocka_unit_test(a_broken_run_names_its_block),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
