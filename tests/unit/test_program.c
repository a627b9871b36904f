/*
 * Programs for kernels without MMU: bFLT, FDPIC, and programs that are copied.
 */
#include "unit.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "cramfs/elf.h"
#include "cramfs/flat.h"
#include "cramfs/program.h"
#include "cramfs/select.h"
#include "format/bytes.h"

enum { PAGE = 4096, FILE_SIZE = 5 * PAGE + 100 };

/* A header with a change to one of its words. */
struct flat_case {
    size_t at;
    uint32_t value;
    size_t size;
    enum cramfs_flat_kind kind;
};

static void make_flat(unsigned char *file, uint32_t text_end, uint32_t flags)
{
    const uint32_t words[] = {0x62464c54,    4,    64,   text_end, FILE_SIZE,
                              FILE_SIZE + 8, PAGE, 9000, 3,        flags};
    for (size_t i = 0; i < COUNT(words); i++)
        store32(CRAMFS_BIG, file + 4 * i, words[i]);
}

static void flat_headers_are_judged_as_the_kernel_does(void **state)
{
    (void)state;
    const struct flat_case cases[] = {
        {40, 0, FILE_SIZE, CRAMFS_FLAT_MAPPED},
        {0, 0x62464c55, FILE_SIZE, CRAMFS_FLAT_NONE},
        {4, 2, FILE_SIZE, CRAMFS_FLAT_MALFORMED},             /* an old version */
        {4, 5, FILE_SIZE, CRAMFS_FLAT_MALFORMED},             /* one to come */
        {12, 63, FILE_SIZE, CRAMFS_FLAT_MALFORMED},           /* text ends inside the header */
        {12, 64, FILE_SIZE, CRAMFS_FLAT_MAPPED},              /* and right after it */
        {12, FILE_SIZE, FILE_SIZE, CRAMFS_FLAT_MAPPED},       /* text to the last byte */
        {40, 0, 3 * PAGE - 1, CRAMFS_FLAT_MALFORMED},         /* the file ends in its text */
        {40, 0, 3 * PAGE, CRAMFS_FLAT_MAPPED},                /* and right after it */
        {16, 3 * PAGE - 1, FILE_SIZE, CRAMFS_FLAT_MALFORMED}, /* data end before text */
        {20, FILE_SIZE - 1, FILE_SIZE, CRAMFS_FLAT_MALFORMED},
        {20, (1u << 28) - 1, FILE_SIZE, CRAMFS_FLAT_MAPPED},
        {20, 1u << 28, FILE_SIZE, CRAMFS_FLAT_MALFORMED},
        {24, 1u << 28, FILE_SIZE, CRAMFS_FLAT_MALFORMED},
        {32, 1u << 28, FILE_SIZE, CRAMFS_FLAT_MALFORMED},
        {36, 1, FILE_SIZE, CRAMFS_FLAT_COPIED}, /* is copied to RAM */
        {36, 4, FILE_SIZE, CRAMFS_FLAT_COPIED}, /* compressed as a whole */
        {36, 8, FILE_SIZE, CRAMFS_FLAT_MAPPED}, /* only its data are */
        {40, 0, 63, CRAMFS_FLAT_MALFORMED},
        {40, 0, 4, CRAMFS_FLAT_MALFORMED},
        {40, 0, 3, CRAMFS_FLAT_NONE},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        unsigned char *file = calloc(1, FILE_SIZE);
        make_flat(file, 3 * PAGE, 2);
        store32(CRAMFS_BIG, file + cases[i].at, cases[i].value);
        /* In a separate block, so that the sanitizer sees a read after its end. */
        unsigned char *exact = malloc(cases[i].size);
        memcpy(exact, file, cases[i].size);
        struct cramfs_flat flat;
        cramfs_flat_read(exact, cases[i].size, &flat);
        if (flat.kind != cases[i].kind || !flat.fault != (flat.kind != CRAMFS_FLAT_MALFORMED))
            fail_msg("case %zu: kind %d, %s", i, (int)flat.kind, flat.fault ? flat.fault : "-");
        free(exact);
        free(file);
    }
}

/* Which pages are chosen for a kernel, as a string of # and -. */
static void expect_pages(const unsigned char *file, size_t size, enum cramfs_kernel kernel,
                         enum cramfs_xip xip, const char *expected,
                         enum cramfs_selection_reason reason)
{
    bool in_place[16] = {0};
    char found[17] = {0};
    struct cramfs_selection selection;
    assert_int_equal(cramfs_select(file, size, PAGE, kernel, xip, in_place, &selection), 0);
    for (size_t i = 0; i < (size + PAGE - 1) / PAGE; i++)
        found[i] = in_place[i] ? '#' : '-';
    assert_string_equal(found, expected);
    assert_int_equal(selection.reason, reason);
    cramfs_selection_free(&selection);
}

static void flat_text_is_for_kernels_without_mmu(void **state)
{
    (void)state;
    unsigned char *file = calloc(1, FILE_SIZE);
    make_flat(file, 2 * PAGE + 1, 2);
    expect_pages(file, FILE_SIZE, CRAMFS_KERNEL_NOMMU, CRAMFS_XIP_READONLY, "###---",
                 CRAMFS_SELECTED);
    expect_pages(file, FILE_SIZE, CRAMFS_KERNEL_NOMMU, CRAMFS_XIP_TEXT, "###---", CRAMFS_SELECTED);
    expect_pages(file, FILE_SIZE, CRAMFS_KERNEL_NOMMU, CRAMFS_XIP_ALL, "######", CRAMFS_SELECTED);
    expect_pages(file, FILE_SIZE, CRAMFS_KERNEL_MMU, CRAMFS_XIP_READONLY, "------",
                 CRAMFS_SELECTION_COPIED);
    make_flat(file, 2 * PAGE + 1, 1);
    expect_pages(file, FILE_SIZE, CRAMFS_KERNEL_NOMMU, CRAMFS_XIP_READONLY, "------",
                 CRAMFS_SELECTION_COPIED);
    /* Text in the last page of whole pages: not that page, so nothing of that mapping. */
    make_flat(file, 4 * PAGE + 1, 2);
    store32(CRAMFS_BIG, file + 16, 5 * PAGE);
    expect_pages(file, 5 * PAGE, CRAMFS_KERNEL_NOMMU, CRAMFS_XIP_READONLY, "-----",
                 CRAMFS_SELECTION_WHOLE_PAGES);
    make_flat(file, 4 * PAGE, 2);
    expect_pages(file, 5 * PAGE, CRAMFS_KERNEL_NOMMU, CRAMFS_XIP_READONLY, "####-",
                 CRAMFS_SELECTED);
    free(file);
}

static Elf32_Phdr load(uint32_t flags, uint32_t offset, uint32_t size, uint32_t memory)
{
    return (Elf32_Phdr){.p_type = PT_LOAD,
                        .p_flags = flags,
                        .p_offset = offset,
                        .p_vaddr = 0x10000 + offset,
                        .p_filesz = size,
                        .p_memsz = memory,
                        .p_align = PAGE};
}

static void make_elf(unsigned char *file, uint16_t machine, uint8_t osabi, uint32_t flags,
                     const Elf32_Phdr *headers, size_t count)
{
    Elf32_Ehdr header = {
        .e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS32,
                    cramfs_host_order() == CRAMFS_BIG ? ELFDATA2MSB : ELFDATA2LSB, EV_CURRENT,
                    osabi},
        .e_type = ET_DYN,
        .e_machine = machine,
        .e_version = EV_CURRENT,
        .e_phoff = sizeof(Elf32_Ehdr),
        .e_flags = flags,
        .e_ehsize = sizeof(Elf32_Ehdr),
        .e_phentsize = sizeof(Elf32_Phdr),
        .e_phnum = (Elf32_Half)count,
    };
    memcpy(file, &header, sizeof(header));
    memcpy(file + sizeof(header), headers, count * sizeof(*headers));
}

/* A file of make_elf() with its text in place, or, for a kernel that copies it to RAM, nothing. */
static void expect_text_in_place(const unsigned char *file, enum cramfs_kernel kernel,
                                 bool in_place)
{
    expect_pages(file, FILE_SIZE, kernel, CRAMFS_XIP_READONLY, in_place ? "##----" : "------",
                 in_place ? CRAMFS_SELECTED : CRAMFS_SELECTION_COPIED);
}

/* A 64-bit program whose only segment has this address; returns what cramfs_elf_read() says. */
static enum cramfs_elf_kind kind_at(uint64_t address)
{
    unsigned char file[PAGE] = {0};
    Elf64_Ehdr header = {
        .e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64,
                    cramfs_host_order() == CRAMFS_BIG ? ELFDATA2MSB : ELFDATA2LSB, EV_CURRENT},
        .e_type = ET_EXEC,
        .e_machine = EM_AARCH64,
        .e_version = EV_CURRENT,
        .e_phoff = sizeof(Elf64_Ehdr),
        .e_ehsize = sizeof(Elf64_Ehdr),
        .e_phentsize = sizeof(Elf64_Phdr),
        .e_phnum = 1,
    };
    Elf64_Phdr text = {.p_type = PT_LOAD,
                       .p_flags = PF_R | PF_X,
                       .p_vaddr = address,
                       .p_filesz = sizeof(file),
                       .p_memsz = sizeof(file)};
    memcpy(file, &header, sizeof(header));
    memcpy(file + sizeof(header), &text, sizeof(text));
    struct cramfs_elf elf;
    assert_int_equal(cramfs_elf_read(file, sizeof(file), &elf), 0);
    enum cramfs_elf_kind kind = elf.kind;
    cramfs_elf_free(&elf);
    return kind;
}

static void a_segment_ends_within_user_space(void **state)
{
    (void)state;
    assert_int_equal(kind_at(CRAMFS_ELF_MOST_ADDRESS - PAGE), CRAMFS_ELF_LOADABLE);
    assert_int_equal(kind_at(CRAMFS_ELF_MOST_ADDRESS), CRAMFS_ELF_MALFORMED);
    assert_int_equal(kind_at(UINT64_MAX - PAGE + 1), CRAMFS_ELF_MALFORMED);
}

static void fdpic_is_told_by_machine(void **state)
{
    (void)state;
    unsigned char *file = calloc(1, FILE_SIZE);
    const Elf32_Phdr headers[] = {load(PF_R | PF_X, 0, 2 * PAGE, 2 * PAGE),
                                  load(PF_R | PF_W, 2 * PAGE, 100, PAGE)};
    const struct {
        uint16_t machine;
        uint8_t osabi;
        uint32_t flags;
        bool fdpic;
    } cases[] = {
        {EM_ARM, 65, 0, true},    {EM_ARM, 0, 0x8000, false},  {EM_XTENSA, 65, 0, true},
        {EM_XTENSA, 3, 0, false}, {EM_SH, 0, 0x8000, true},    {EM_SH, 65, 0x7fff, false},
        {EM_RISCV, 65, 0, false}, {EM_386, 65, 0x8000, false},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        make_elf(file, cases[i].machine, cases[i].osabi, cases[i].flags, headers, COUNT(headers));
        expect_text_in_place(file, CRAMFS_KERNEL_NOMMU, cases[i].fdpic);
        expect_text_in_place(file, CRAMFS_KERNEL_MMU, true);
    }
    free(file);
}

/* EF_ARM_PIC, EF_SH_PIC: one block of RAM without an MMU; with one, mappings nevertheless. */
static void fdpic_that_keeps_distances_is_copied_without_mmu(void **state)
{
    (void)state;
    unsigned char *file = calloc(1, FILE_SIZE);
    const Elf32_Phdr headers[] = {load(PF_R | PF_X, 0, 2 * PAGE, 2 * PAGE),
                                  load(PF_R | PF_W, 2 * PAGE, 100, PAGE)};
    const struct {
        uint16_t machine;
        uint8_t osabi;
        uint32_t flags;
        bool copied;
    } cases[] = {
        {EM_ARM, 65, 0x20, true},  {EM_ARM, 65, 0x100, false},    {EM_SH, 0, 0x8100, true},
        {EM_SH, 0, 0x8020, false}, {EM_XTENSA, 65, 0x120, false},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        make_elf(file, cases[i].machine, cases[i].osabi, cases[i].flags, headers, COUNT(headers));
        expect_text_in_place(file, CRAMFS_KERNEL_NOMMU, !cases[i].copied);
        expect_text_in_place(file, CRAMFS_KERNEL_FDPIC, true);
    }
    free(file);
}

/* With an MMU and the loader of FDPIC: sizes in memory, and no mapping spans all segments. */
static void fdpic_loader_maps_each_segment_by_itself(void **state)
{
    (void)state;
    unsigned char *file = calloc(1, FILE_SIZE);
    const Elf32_Phdr headers[] = {load(PF_R | PF_X, 0, PAGE, 2 * PAGE),
                                  load(PF_R | PF_X, 2 * PAGE, PAGE, PAGE)};
    struct cramfs_program program;
    make_elf(file, EM_ARM, 65, 0, headers, COUNT(headers));
    assert_int_equal(cramfs_program_read(file, FILE_SIZE, CRAMFS_KERNEL_MMU, PAGE, &program), 0);
    assert_int_equal(program.mappings[0].length, 3 * PAGE);
    assert_true(program.narrow);
    cramfs_program_free(&program);
    assert_int_equal(cramfs_program_read(file, FILE_SIZE, CRAMFS_KERNEL_FDPIC, PAGE, &program), 0);
    assert_int_equal(program.mappings[0].length, 2 * PAGE);
    assert_int_equal(program.mappings[1].joins[0], 0);
    cramfs_program_free(&program);
    /* At distances that are kept, the second continues the first. */
    make_elf(file, EM_ARM, 65, 0x20, headers, COUNT(headers));
    assert_int_equal(cramfs_program_read(file, FILE_SIZE, CRAMFS_KERNEL_FDPIC, PAGE, &program), 0);
    assert_int_equal(program.mappings[1].joins[0], 1);
    cramfs_program_free(&program);
    /* Other ELF files are loaded by the ordinary loader. */
    make_elf(file, EM_ARM, 0, 0, headers, COUNT(headers));
    assert_int_equal(cramfs_program_read(file, FILE_SIZE, CRAMFS_KERNEL_FDPIC, PAGE, &program), 0);
    assert_int_equal(program.mappings[0].length, 3 * PAGE);
    cramfs_program_free(&program);
    free(file);
}

/* Each segment by itself: whole, or compressed. */
static void fdpic_segments_are_whole_or_not_in_place(void **state)
{
    (void)state;
    unsigned char *file = calloc(1, FILE_SIZE);
    const Elf32_Phdr apart[] = {load(PF_R | PF_X, 0, PAGE, PAGE), load(PF_R, 2 * PAGE, 9, 9),
                                load(PF_R | PF_W, 3 * PAGE, 9, 9)};
    make_elf(file, EM_ARM, 65, 0, apart, COUNT(apart));
    expect_pages(file, FILE_SIZE, CRAMFS_KERNEL_NOMMU, CRAMFS_XIP_READONLY, "#-#---",
                 CRAMFS_SELECTED);
    expect_pages(file, FILE_SIZE, CRAMFS_KERNEL_NOMMU, CRAMFS_XIP_TEXT, "#-----", CRAMFS_SELECTED);
    /* Its size in memory counts, and that ends after the file: mmap() fails anyway. */
    const Elf32_Phdr behind[] = {load(PF_R | PF_X, 0, PAGE, PAGE),
                                 load(PF_R, 4 * PAGE, 9, 3 * PAGE)};
    make_elf(file, EM_ARM, 65, 0, behind, COUNT(behind));
    expect_pages(file, FILE_SIZE, CRAMFS_KERNEL_NOMMU, CRAMFS_XIP_READONLY, "#-----",
                 CRAMFS_SELECTED);
    /* Two direct mappings of one address and two lengths would be a BUG() in the kernel. */
    const Elf32_Phdr same[] = {load(PF_R, 0, 100, 100), load(PF_R | PF_X, 100, 2 * PAGE, 2 * PAGE)};
    make_elf(file, EM_ARM, 65, 0, same, COUNT(same));
    expect_pages(file, FILE_SIZE, CRAMFS_KERNEL_NOMMU, CRAMFS_XIP_READONLY, "------",
                 CRAMFS_SELECTION_OVERLAPPING);
    free(file);
}

/* An image of one file: pointers at 100. */
struct fixture {
    struct cramfs_reader reader;
    unsigned char bytes[16 * PAGE];
};

static void read_fixture(const struct cramfs_reader *reader, uint64_t offset, void *to,
                         size_t length)
{
    memcpy(to, ((const struct fixture *)reader)->bytes + offset, length);
}

static struct cramfs_prediction predict(enum cramfs_kernel kernel, uint64_t address,
                                        const uint32_t *pointers, uint32_t size, uint64_t offset,
                                        uint64_t length, int dirty)
{
    static struct fixture fixture;
    memset(&fixture, 0, sizeof(fixture));
    fixture.reader = (struct cramfs_reader){sizeof(fixture.bytes), read_fixture};
    for (size_t i = 0; i < 4; i++)
        store32(CRAMFS_LITTLE, fixture.bytes + 100 + 4 * i, pointers[i]);
    if (dirty)
        fixture.bytes[dirty] |= 1;
    struct cramfs_table table = {&fixture.reader, CRAMFS_LITTLE, PAGE, 100, size};
    struct cramfs_placement placement = {true, address, kernel};
    struct cramfs_mapping mapping = {0, CRAMFS_ELF_READ, false, offset, length, length / PAGE};
    struct cramfs_prediction found;
    cramfs_mapping_predict(&table, &placement, &mapping, &found);
    return found;
}

static uint32_t in_place(uint32_t offset)
{
    return offset / 4 | CRAMFS_POINTER_DIRECT | CRAMFS_POINTER_STORED;
}

static void without_mmu_all_pages_are_direct_or_none(void **state)
{
    (void)state;
    enum { SIZE = 3 * PAGE - 9, AT = 4 * PAGE + 64, BASE = 0x10000004 };
    const uint32_t run[4] = {in_place(AT), in_place(AT + PAGE), in_place(AT + 2 * PAGE), 0};
    const uint32_t broken[4] = {in_place(AT), in_place(AT + PAGE), 5000, 0};
    const struct {
        const uint32_t *pointers;
        uint64_t offset;
        uint64_t length;
        int dirty;
        enum cramfs_reason reason;
        uint64_t direct;
        uint32_t block;
    } cases[] = {
        {run, 0, 3 * PAGE, 0, CRAMFS_REASON_NONE, 3, 0},
        {run, 0, 3 * PAGE, AT + 3 * PAGE - 1, CRAMFS_REASON_NONE, 3, 0}, /* no look at the tail */
        {run, PAGE, PAGE, 0, CRAMFS_REASON_NONE, 1, 0},
        {run, 0, 4 * PAGE, 0, CRAMFS_REASON_REFUSED, 0, 0},
        {run, 3 * PAGE, PAGE, 0, CRAMFS_REASON_REFUSED, 0, 0},
        {broken, 0, 3 * PAGE, 0, CRAMFS_REASON_COPIED, 0, 2},
        {broken, 0, 2 * PAGE, 0, CRAMFS_REASON_NONE, 2, 0},
        {broken, 2 * PAGE, PAGE, 0, CRAMFS_REASON_COPIED, 0, 2},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct cramfs_prediction found = predict(CRAMFS_KERNEL_NOMMU, BASE, cases[i].pointers, SIZE,
                                                 cases[i].offset, cases[i].length, cases[i].dirty);
        if (found.reason != cases[i].reason || found.direct_pages != cases[i].direct ||
            found.block != cases[i].block)
            fail_msg("case %zu: reason %d, %d direct, block %d", i, (int)found.reason,
                     (int)found.direct_pages, (int)found.block);
    }
    char buffer[64];
    struct cramfs_prediction copied = {.reason = CRAMFS_REASON_COPIED, .block = 7};
    assert_string_equal(cramfs_reason_text(&copied, buffer, sizeof(buffer)),
                        "block 7 breaks the run: copied to RAM");
}

/*
 * The kernel looks for bytes after the file's end as many pages after the first block as the file
 * has, less one.
 */
static void the_2017_series_looks_for_the_tail_elsewhere(void **state)
{
    (void)state;
    enum { SIZE = 3 * PAGE - 9, AT = 4 * PAGE, BASE = 0x10000000 };
    const uint32_t run[4] = {in_place(AT), in_place(AT + PAGE), in_place(AT + 2 * PAGE), 0};
    const struct {
        uint64_t offset;
        uint64_t length;
        int dirty;
        uint64_t direct[2]; /* mainline, v3 */
    } cases[] = {
        {0, 3 * PAGE, AT + 3 * PAGE - 1, {2, 2}},    /* at offset 0 they agree */
        {PAGE, 2 * PAGE, AT + 3 * PAGE - 1, {1, 2}}, /* after it v3 looks a page further on */
        {PAGE, 2 * PAGE, AT + 4 * PAGE - 1, {2, 1}},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        for (int v3 = 0; v3 < 2; v3++) {
            struct cramfs_prediction found =
                predict(v3 ? CRAMFS_KERNEL_V3 : CRAMFS_KERNEL_MMU, BASE, run, SIZE, cases[i].offset,
                        cases[i].length, cases[i].dirty);
            if (found.direct_pages != cases[i].direct[v3])
                fail_msg("case %zu, v3 %d: %d direct", i, v3, (int)found.direct_pages);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(flat_headers_are_judged_as_the_kernel_does),
        cmocka_unit_test(flat_text_is_for_kernels_without_mmu),
        cmocka_unit_test(a_segment_ends_within_user_space),
        cmocka_unit_test(fdpic_is_told_by_machine),
        cmocka_unit_test(fdpic_that_keeps_distances_is_copied_without_mmu),
        cmocka_unit_test(fdpic_loader_maps_each_segment_by_itself),
        cmocka_unit_test(fdpic_segments_are_whole_or_not_in_place),
        cmocka_unit_test(without_mmu_all_pages_are_direct_or_none),
        cmocka_unit_test(the_2017_series_looks_for_the_tail_elsewhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
