#include "unit.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "cramfs/possible_pages.h"
#include "elf_header.h"
#include "format/bytes.h"

/*
 * Images of one file: its table at TABLE, and pages from a string of letters. 'd': in place; 'g':
 * the same after a gap; 'u': direct and stored, at no page; 'c': plain and compressed.
 */
enum { PAGE = 4096, TABLE = 100, PAGES = 32 };

struct fixture {
    struct cramfs_reader reader;
    unsigned char bytes[PAGES * PAGE];
};

static void read_fixture(const struct cramfs_reader *reader, uint64_t offset, void *to,
                         size_t length)
{
    memcpy(to, ((const struct fixture *)reader)->bytes + offset, length);
}

static struct cramfs_table make_table(const char *blocks, uint32_t size)
{
    static struct fixture fixture;
    fixture.reader = (struct cramfs_reader){sizeof(fixture.bytes), read_fixture};
    uint32_t at = PAGE;
    for (uint32_t i = 0; blocks[i]; i++) {
        uint32_t pointer = TABLE + 200;
        at += blocks[i] == 'g' ? PAGE : 0;
        if (blocks[i] != 'c')
            pointer = (at + (blocks[i] == 'u' ? 64 : 0)) / CRAMFS_DIRECT_ALIGN |
                      CRAMFS_POINTER_DIRECT | CRAMFS_POINTER_STORED;
        store32(CRAMFS_LITTLE, fixture.bytes + TABLE + 4 * i, pointer);
        at += PAGE;
    }
    return (struct cramfs_table){&fixture.reader, CRAMFS_LITTLE, PAGE, TABLE, size};
}

static void expect(const struct cramfs_table *table, const void *program, enum cramfs_kernel kernel,
                   const char *expected)
{
    bool possible[PAGES];
    char found[PAGES + 1] = {0};
    memset(possible, true, sizeof(possible)); /* its old contents do not count */
    assert_int_equal(cramfs_possible_pages(table, program, kernel, possible), 0);
    for (uint32_t i = 0; i < cramfs_block_count(table->size, PAGE); i++)
        found[i] = possible[i] ? '#' : '-';
    assert_string_equal(found, expected);
}

static void expect_data(const char *blocks, uint32_t missing, enum cramfs_kernel kernel,
                        const char *expected)
{
    struct cramfs_table table = make_table(blocks, (uint32_t)strlen(blocks) * PAGE - missing);
    expect(&table, NULL, kernel, expected);
}

static void data_in_place_from_their_first_page_are_possible(void **state)
{
    (void)state;
    const enum cramfs_kernel kernels[] = {CRAMFS_KERNEL_MMU, CRAMFS_KERNEL_V3};
    for (size_t i = 0; i < COUNT(kernels); i++) {
        expect_data("dddd", 9, kernels[i], "####");
        expect_data("dgdd", 9, kernels[i], "####"); /* though the run is broken */
        expect_data("dcdd", 9, kernels[i], "#-##");
        expect_data("cccc", 9, kernels[i], "----");
        expect_data("cddd", 9, kernels[i], "----"); /* a block that is at a page by chance */
        expect_data("uuuu", 9, kernels[i], "----");
        expect_data("dduu", 9, kernels[i], "##--");
    }
}

static void data_without_an_mmu_are_possible_whole_or_not_at_all(void **state)
{
    (void)state;
    expect_data("dddd", 9, CRAMFS_KERNEL_NOMMU, "####");
    expect_data("uuuu", 9, CRAMFS_KERNEL_NOMMU, "####");
    expect_data("dgud", 9, CRAMFS_KERNEL_NOMMU, "####");
    expect_data("dddc", 9, CRAMFS_KERNEL_NOMMU, "----");
    expect_data("cddd", 9, CRAMFS_KERNEL_NOMMU, "----");
}

static void last_page_of_whole_pages_is_not_possible(void **state)
{
    (void)state;
    expect_data("dddd", 0, CRAMFS_KERNEL_MMU, "###-");
    expect_data("dddd", 0, CRAMFS_KERNEL_NOMMU, "----");
    expect_data("d", 0, CRAMFS_KERNEL_MMU, "-");
    expect_data("d", 1, CRAMFS_KERNEL_MMU, "#");
}

/* A program of three segments in five pages: constants, text, data; all is compressed. */
static void pages_of_read_only_segments_are_possible_however_they_are_stored(void **state)
{
    (void)state;
    const Elf32_Phdr segments[] = {
        {.p_flags = PF_R, .p_filesz = 100},
        {.p_flags = PF_R | PF_X, .p_offset = PAGE, .p_filesz = 2 * PAGE},
        {.p_flags = PF_R | PF_W, .p_offset = 3 * PAGE, .p_filesz = PAGE + 50},
    };
    Elf32_Ehdr header = elf_header(ET_EXEC, COUNT(segments));
    unsigned char *program = calloc(5, PAGE);
    for (size_t i = 0; i < COUNT(segments); i++) {
        Elf32_Phdr segment = segments[i];
        segment.p_type = PT_LOAD;
        segment.p_vaddr = segment.p_offset;
        segment.p_memsz = segment.p_filesz;
        memcpy(program + sizeof(header) + i * sizeof(segment), &segment, sizeof(segment));
    }
    memcpy(program, &header, sizeof(header));
    struct cramfs_table table = make_table("ccccc", 4 * PAGE + 50);
    expect(&table, program, CRAMFS_KERNEL_MMU, "###--");
    table.size = 3 * PAGE; /* cut at the text's end: its last page is the last of whole pages */
    expect(&table, program, CRAMFS_KERNEL_MMU, "##-");

    /* Without an MMU only FDPIC is mapped, and a mapping that has the last of whole pages fails. */
    header.e_ident[EI_OSABI] = 65;
    memcpy(program, &header, sizeof(header));
    expect(&table, program, CRAMFS_KERNEL_NOMMU, "#--");
    table.size = 4 * PAGE + 50;
    expect(&table, program, CRAMFS_KERNEL_NOMMU, "###--");
    free(program);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(data_in_place_from_their_first_page_are_possible),
        cmocka_unit_test(data_without_an_mmu_are_possible_whole_or_not_at_all),
        cmocka_unit_test(last_page_of_whole_pages_is_not_possible),
        cmocka_unit_test(pages_of_read_only_segments_are_possible_however_they_are_stored),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
