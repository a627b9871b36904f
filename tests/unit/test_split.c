#include "unit.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "cramfs/elf.h"
#include "format/bytes.h"
#include "xip/split/headers.h"
#include "xip/split/split.h"

enum { PAGE = 4096, R = PF_R, RX = PF_R | PF_X, RW = PF_R | PF_W };

/* A file to be cut: noise with headers laid over it, and zeroes where `slack` says. */
struct made {
    struct elf_form form;
    size_t size;
    unsigned char *bytes;
};

static const struct elf_form forms[] = {
    {false, CRAMFS_LITTLE}, {false, CRAMFS_BIG}, {true, CRAMFS_LITTLE}, {true, CRAMFS_BIG}};

static struct program_header load(uint32_t flags, uint64_t offset, uint64_t address, uint64_t size)
{
    return (struct program_header){PT_LOAD, flags, offset, address, address, size, size, PAGE};
}

static struct made make(struct elf_form form, uint16_t type, const struct program_header *headers,
                        size_t count, size_t size)
{
    struct made made = {form, size, malloc(size)};
    for (size_t i = 0; i < size; i++)
        made.bytes[i] = (unsigned char)(i * 2654435761u >> 13 | 1);
    memset(made.bytes, 0, elf_header_size(form));
    memcpy(made.bytes, ELFMAG, SELFMAG);
    made.bytes[EI_CLASS] = form.wide ? ELFCLASS64 : ELFCLASS32;
    made.bytes[EI_DATA] = form.order == CRAMFS_BIG ? ELFDATA2MSB : ELFDATA2LSB;
    made.bytes[EI_VERSION] = EV_CURRENT;
    store16(form.order, made.bytes + 16, type);
    store16(form.order, made.bytes + 18, form.wide ? EM_AARCH64 : EM_ARM);
    store32(form.order, made.bytes + 20, EV_CURRENT);
    size_t sizes_at = form.wide ? 52 : 40;
    store16(form.order, made.bytes + sizes_at, (uint16_t)elf_header_size(form));
    store16(form.order, made.bytes + sizes_at + 2, (uint16_t)program_header_size(form));
    elf_table_set(form, made.bytes, elf_header_size(form), (uint16_t)count);
    for (size_t i = 0; i < count; i++)
        program_header_write(
            form, made.bytes + elf_header_size(form) + i * program_header_size(form), &headers[i]);
    return made;
}

static enum split_refusal refusal_of(const struct made *made)
{
    struct split_limits limits;
    assert_int_equal(split_look(made->bytes, made->size, PAGE, &limits), 0);
    return limits.refusal;
}

/* The cut file's bytes; *file is freed, except for its numbers. */
static unsigned char *cut(const struct made *made, const uint32_t *cuts, size_t count,
                          struct split_file *file)
{
    assert_int_equal(split_cut(made->bytes, made->size, PAGE, cuts, count, file), 0);
    unsigned char *out = malloc((size_t)file->size);
    split_apply(file, made->bytes, made->size, out);
    struct split_file kept = *file;
    split_free(file);
    *file = kept;
    return out;
}

/* "type flags offset size" of each program header, in pages where they are whole. */
static void expect_loads(const unsigned char *bytes, struct elf_form form,
                         const struct program_header *expected, size_t count)
{
    assert_int_equal(elf_table_count(form, bytes), count);
    for (size_t i = 0; i < count; i++) {
        struct program_header found = program_header_read(
            form, bytes + elf_table_offset(form, bytes) + i * program_header_size(form));
        assert_memory_equal(&found, &expected[i], sizeof(found));
    }
}

/* Text of a little more than five pages, which leaves slack; data after it. */
static const struct program_header usual[] = {
    {PT_LOAD, RX, 0, 0x10000, 0x10000, 5 * PAGE + 256, 5 * PAGE + 256, PAGE},
    {PT_LOAD, RW, 6 * PAGE, 0x20000, 0x20000, 100, 3 * PAGE, PAGE},
};

static struct made make_usual(struct elf_form form, bool slack)
{
    struct made made = make(form, ET_EXEC, usual, 2, 6 * PAGE + 100);
    if (slack)
        memset(made.bytes + 5 * PAGE + 256, 0, PAGE - 256);
    return made;
}

static void table_goes_into_the_slack(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(forms); i++) {
        struct made made = make_usual(forms[i], true);
        struct split_limits limits;
        assert_int_equal(split_look(made.bytes, made.size, PAGE, &limits), 0);
        assert_int_equal(limits.refusal, SPLIT_POSSIBLE);
        assert_true(limits.most_cuts > 60);
        const uint32_t cuts[] = {0, 2, 4, 6}; /* 0 and 6 are no cut of text */
        struct split_file file;
        unsigned char *out = cut(&made, cuts, COUNT(cuts), &file);
        assert_int_equal(file.size, made.size);
        assert_int_equal(file.added, 2);
        assert_false(file.appended);
        uint64_t table = 4 * program_header_size(forms[i]);
        struct program_header expected[] = {
            load(RX, 0, 0x10000, 2 * PAGE), load(RX, 2 * PAGE, 0x12000, 2 * PAGE),
            load(RX, 4 * PAGE, 0x14000, PAGE + 256 + table), usual[1]};
        expect_loads(out, forms[i], expected, COUNT(expected));
        assert_int_equal(elf_table_offset(forms[i], out), 5 * PAGE + 256);
        free(out);
        free(made.bytes);
    }
}

static void table_goes_behind_file_and_memory_without_slack(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(forms); i++) {
        struct made made = make_usual(forms[i], false);
        const uint32_t cuts[] = {3};
        struct split_file file;
        unsigned char *out = cut(&made, cuts, COUNT(cuts), &file);
        assert_true(file.appended);
        assert_int_equal(file.added, 2);
        uint64_t table = 4 * program_header_size(forms[i]);
        assert_int_equal(file.size, 0x13000 + table); /* 0x10000 below the end of memory */
        struct program_header expected[] = {load(RX, 0, 0x10000, 3 * PAGE),
                                            load(RX, 3 * PAGE, 0x13000, 2 * PAGE + 256), usual[1],
                                            load(R, 0x13000, 0x23000, table)};
        expect_loads(out, forms[i], expected, COUNT(expected));
        for (size_t at = made.size; at < 0x13000; at++)
            assert_int_equal(out[at], 0);
        free(out);
        free(made.bytes);
    }
}

static void program_header_table_s_own_entry_follows_it(void **state)
{
    (void)state;
    const struct program_header headers[] = {
        {PT_PHDR, R, 52, 0x10034, 0x10034, 96, 96, 4}, usual[0], usual[1]};
    struct made made = make(forms[0], ET_EXEC, headers, 3, 6 * PAGE + 100);
    memset(made.bytes + 5 * PAGE + 256, 0, PAGE - 256);
    const uint32_t cuts[] = {1};
    struct split_file file;
    unsigned char *out = cut(&made, cuts, 1, &file);
    struct program_header first =
        program_header_read(forms[0], out + elf_table_offset(forms[0], out));
    assert_int_equal(first.type, PT_PHDR);
    assert_int_equal(first.offset, 5 * PAGE + 256);
    assert_int_equal(first.address, 0x10000 + 5 * PAGE + 256);
    assert_int_equal(first.file_size, 4 * 32);
    free(out);
    free(made.bytes);
}

static void a_table_that_is_full_allows_fewer_cuts(void **state)
{
    (void)state;
    struct made made = make_usual(forms[0], true);
    /* Room for three headers in all, and the file is a dynamic loader's: no other form. */
    memset(made.bytes + 5 * PAGE + 256, 1, PAGE - 256);
    struct split_limits limits;
    assert_int_equal(split_look(made.bytes, made.size, PAGE, &limits), 0);
    assert_int_equal(limits.most_cuts, 128 - 2 - 1); /* after the file, one more for itself */
    free(made.bytes);
    made = make_usual(forms[2], false);
    assert_int_equal(split_look(made.bytes, made.size, PAGE, &limits), 0);
    assert_int_equal(limits.most_cuts, 73 - 2 - 1);
    free(made.bytes);
}

static void what_cannot_be_cut_says_why(void **state)
{
    (void)state;
    struct made made = make_usual(forms[0], true);
    store16(CRAMFS_LITTLE, made.bytes + 16, ET_REL);
    assert_int_equal(refusal_of(&made), SPLIT_NOT_LOADABLE);
    store16(CRAMFS_LITTLE, made.bytes + 16, ET_EXEC);
    made.bytes[EI_OSABI] = 65;
    assert_int_equal(refusal_of(&made), SPLIT_FDPIC);
    made.bytes[EI_OSABI] = 0;
    elf_table_set(made.form, made.bytes, UINT32_MAX, 2);
    assert_int_equal(refusal_of(&made), SPLIT_MALFORMED);
    free(made.bytes);

    struct program_header headers[2] = {usual[0], usual[1]};
    headers[1].address = 0x15fff; /* in the last page of text */
    made = make(forms[0], ET_EXEC, headers, 2, 7 * PAGE);
    assert_int_equal(refusal_of(&made), SPLIT_OVERLAPPING);
    free(made.bytes);

    headers[0] = load(RX, 0, 0x10000, PAGE);
    headers[1] = usual[1];
    made = make(forms[0], ET_EXEC, headers, 2, 7 * PAGE);
    assert_int_equal(refusal_of(&made), SPLIT_NOTHING);
    free(made.bytes);
    made = (struct made){forms[0], 9, (unsigned char *)calloc(1, 9)};
    assert_int_equal(refusal_of(&made), SPLIT_NOT_LOADABLE);
    free(made.bytes);
}

/* Text, and a dynamic section in the data with these entries; strings after them. */
static struct made make_dynamic(uint16_t type, const uint32_t (*entries)[2], size_t count,
                                const char *strings, size_t strings_size)
{
    const uint32_t at = 6 * PAGE;
    const struct program_header headers[] = {
        usual[0],
        {PT_LOAD, RW, at, 0x20000, 0x20000, 1024, 1024, PAGE},
        {PT_DYNAMIC, RW, at, 0x20000, 0x20000, (count + 3) * 8, (count + 3) * 8, 4},
    };
    struct made made = make(forms[0], type, headers, 3, at + 1024);
    memset(made.bytes + 5 * PAGE + 256, 0, PAGE - 256);
    unsigned char *to = made.bytes + at;
    const uint32_t fixed[][2] = {
        {DT_STRTAB, 0x20000 + 512}, {DT_STRSZ, (uint32_t)strings_size}, {DT_NULL, 0}};
    for (size_t i = 0; i < count + 3; i++, to += 8) {
        store32(CRAMFS_LITTLE, to, i < count ? entries[i][0] : fixed[i - count][0]);
        store32(CRAMFS_LITTLE, to + 4, i < count ? entries[i][1] : fixed[i - count][1]);
    }
    memcpy(made.bytes + at + 512, strings, strings_size);
    return made;
}

static void libraries_that_their_loader_would_not_take_are_left(void **state)
{
    (void)state;
    static const char strings[] = "\0libc.so.0\0libc.so.6";
    const uint32_t uclibc[][2] = {{DT_NEEDED, 1}};
    const uint32_t relocated[][2] = {{DT_NEEDED, 11}, {DT_TEXTREL, 0}};
    const uint32_t flagged[][2] = {{DT_FLAGS, DF_TEXTREL}};
    const uint32_t good[][2] = {{DT_NEEDED, 11}};
    struct {
        const uint32_t (*entries)[2];
        size_t count;
        enum split_refusal refusal;
    } cases[] = {{uclibc, 1, SPLIT_UCLIBC},
                 {relocated, 2, SPLIT_TEXT_RELOCATIONS},
                 {flagged, 1, SPLIT_TEXT_RELOCATIONS},
                 {good, 1, SPLIT_POSSIBLE}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct made made =
            make_dynamic(ET_DYN, cases[i].entries, cases[i].count, strings, sizeof(strings));
        assert_int_equal(refusal_of(&made), cases[i].refusal);
        free(made.bytes);
    }
}

static void a_dynamic_loader_s_table_never_goes_behind_the_file(void **state)
{
    (void)state;
    static const char strings[] = "\0ld-linux-armhf.so.3";
    const uint32_t entries[][2] = {{DT_SONAME, 1}};
    struct made made = make_dynamic(ET_DYN, entries, 1, strings, sizeof(strings));
    struct split_limits limits;
    assert_int_equal(split_look(made.bytes, made.size, PAGE, &limits), 0);
    assert_int_equal(limits.refusal, SPLIT_POSSIBLE);
    assert_int_equal(limits.most_cuts, (PAGE - 256) / 32 - 3);
    memset(made.bytes + 5 * PAGE + 256, 1, PAGE - 256);
    assert_int_equal(refusal_of(&made), SPLIT_NO_ROOM);
    free(made.bytes);
}

/* Found by fuzzing: its end, less the first segment's address, was taken for nearly 2^64. */
static void a_segment_of_no_size_below_the_first_moves_no_table(void **state)
{
    (void)state;
    const struct program_header headers[] = {usual[0], {PT_LOAD, 0, 0, 0, 0, 0, 0, PAGE}};
    for (size_t i = 0; i < COUNT(forms); i++) {
        struct made made = make(forms[i], ET_EXEC, headers, COUNT(headers), 6 * PAGE);
        const uint32_t cuts[] = {2};
        struct split_file file;
        free(cut(&made, cuts, COUNT(cuts), &file));
        assert_true(file.appended);
        assert_int_equal(file.size, 6 * PAGE + 4 * program_header_size(forms[i]));
        free(made.bytes);
    }
}

/* Found by fuzzing: libelf refused the longer file, which had a table of sections of zeroes. */
static void a_table_never_goes_after_a_file_whose_sections_are_outside(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(forms); i++) {
        struct made made = make(forms[i], ET_EXEC, usual, 1, 6 * PAGE);
        assert_int_equal(refusal_of(&made), SPLIT_POSSIBLE);
        /* e_shoff: the low word of a wide one */
        size_t at = forms[i].wide ? (forms[i].order == CRAMFS_BIG ? 44 : 40) : 32;
        store32(forms[i].order, made.bytes + at, 6 * PAGE);
        assert_int_equal(refusal_of(&made), SPLIT_NO_ROOM);
        free(made.bytes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(table_goes_into_the_slack),
        cmocka_unit_test(table_goes_behind_file_and_memory_without_slack),
        cmocka_unit_test(program_header_table_s_own_entry_follows_it),
        cmocka_unit_test(a_table_that_is_full_allows_fewer_cuts),
        cmocka_unit_test(what_cannot_be_cut_says_why),
        cmocka_unit_test(libraries_that_their_loader_would_not_take_are_left),
        cmocka_unit_test(a_dynamic_loader_s_table_never_goes_behind_the_file),
        cmocka_unit_test(a_segment_of_no_size_below_the_first_moves_no_table),
        cmocka_unit_test(a_table_never_goes_after_a_file_whose_sections_are_outside),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
