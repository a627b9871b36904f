/*
 * Readers of hostile bytes at the edge of memory: their input ends, cut at every length, and their
 * output ends, at a page that cannot be touched. Also libelf and the inflaters are held to it.
 */
#include "unit.h"

#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "../support/guard.h"
#include "cramfs/check.h"
#include "cramfs/elf.h"
#include "cramfs/flat.h"
#include "cramfs/plan.h"
#include "cramfs/select.h"
#include "format/bytes.h"

enum { PAGE = 4096 };

/* A small ELF file that is all text, of either class and byte order. */
struct elf_form {
    bool wide;
    enum cramfs_order order;
    uint16_t type;
};

enum { ELF_SIZE = PAGE + 100 };

static void put(unsigned char **at, const struct elf_form *form, unsigned width, uint64_t value)
{
    if (width == 2)
        store16(form->order, *at, (uint16_t)value);
    else if (width == 4)
        store32(form->order, *at, (uint32_t)value);
    else
        for (unsigned i = 0; i < 8; i++)
            (*at)[form->order == CRAMFS_BIG ? 7 - i : i] = (unsigned char)(value >> (8 * i));
    *at += width;
}

static void put_segment(unsigned char **at, const struct elf_form *form, uint32_t flags,
                        uint32_t offset, uint32_t size)
{
    unsigned word = form->wide ? 8 : 4;
    put(at, form, 4, PT_LOAD);
    if (form->wide)
        put(at, form, 4, flags);
    put(at, form, word, offset);
    put(at, form, word, 0x10000 + offset);
    put(at, form, word, 0x10000 + offset);
    put(at, form, word, size);
    put(at, form, word, size);
    if (!form->wide)
        put(at, form, 4, flags);
    put(at, form, word, PAGE);
}

/* The program headers are at `headers_at`. */
static unsigned char *make_elf(const struct elf_form *form, uint32_t headers_at)
{
    unsigned char *file = malloc(ELF_SIZE);
    assert_non_null(file);
    memset(file, 0x5a, ELF_SIZE);
    unsigned word = form->wide ? 8 : 4;
    unsigned char *at = file;
    memcpy(at, ELFMAG, SELFMAG);
    at[EI_CLASS] = form->wide ? ELFCLASS64 : ELFCLASS32;
    at[EI_DATA] = form->order == CRAMFS_BIG ? ELFDATA2MSB : ELFDATA2LSB;
    at[EI_VERSION] = EV_CURRENT;
    at += EI_NIDENT;
    put(&at, form, 2, form->type);
    put(&at, form, 2, EM_ARM);
    put(&at, form, 4, EV_CURRENT);
    put(&at, form, word, 0x10000);
    put(&at, form, word, headers_at);
    put(&at, form, word, 0);
    put(&at, form, 4, 0);
    put(&at, form, 2, form->wide ? sizeof(Elf64_Ehdr) : sizeof(Elf32_Ehdr));
    put(&at, form, 2, form->wide ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr));
    put(&at, form, 2, 2);
    memset(at, 0, 6); /* no sections */
    at = file + headers_at;
    put_segment(&at, form, PF_R | PF_X, 0, 3 * PAGE); /* reaches after the end of the file */
    put_segment(&at, form, PF_R | PF_W, 3 * PAGE, 100);
    return file;
}

/* The choice of pages has room for one entry a page, and no more. */
static void select_at_the_edge(const unsigned char *bytes, size_t size, const struct guard *room)
{
    for (uint32_t page_size = PAGE; page_size <= CRAMFS_MAX_PAGE_SIZE; page_size *= 2) {
        size_t blocks = cramfs_block_count(size, page_size);
        bool *in_place = (bool *)guard_last(room, blocks * sizeof(bool));
        struct cramfs_selection selection;
        assert_int_equal(cramfs_select(bytes, size, page_size, CRAMFS_KERNEL_MMU,
                                       CRAMFS_XIP_READONLY, in_place, &selection),
                         0);
        bool whole_pages = size % page_size == 0; /* then its last must not be in place */
        assert_int_equal(selection.pages, blocks - whole_pages);
        cramfs_selection_free(&selection);
    }
}

static void check_elf(const struct elf_form *form, uint32_t headers_at)
{
    unsigned char *file = make_elf(form, headers_at);
    struct guard input = guard_open(ELF_SIZE);
    struct guard room = guard_open(ELF_SIZE);
    size_t entry = form->wide ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr);
    for (size_t size = 0; size <= ELF_SIZE; size++) {
        unsigned char *bytes = guard_copy(&input, file, size);
        struct cramfs_elf elf;
        assert_int_equal(cramfs_elf_read(bytes, size, &elf), 0);
        enum cramfs_elf_kind kind = elf.kind;
        cramfs_elf_free(&elf);
        if (size < SELFMAG)
            assert_int_equal(kind, CRAMFS_ELF_NONE);
        else if (size < headers_at + 2 * entry)
            assert_int_equal(kind, CRAMFS_ELF_MALFORMED);
        else
            assert_int_equal(kind, CRAMFS_ELF_LOADABLE);
        if (kind == CRAMFS_ELF_LOADABLE)
            select_at_the_edge(bytes, size, &room);
    }
    guard_close(&input);
    guard_close(&room);
    free(file);
}

static void elf_files_cut_anywhere_are_read_to_their_end_and_no_further(void **state)
{
    (void)state;
    for (int form = 0; form < 8; form++) {
        const struct elf_form elf = {form & 1, form & 2 ? CRAMFS_BIG : CRAMFS_LITTLE,
                                     form & 4 ? ET_DYN : ET_EXEC};
        size_t entry = elf.wide ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr);
        check_elf(&elf, elf.wide ? sizeof(Elf64_Ehdr) : sizeof(Elf32_Ehdr));
        check_elf(&elf, (uint32_t)(ELF_SIZE - 2 * entry)); /* as the last of the file */
    }
}

static void flat_headers_cut_anywhere_are_read_to_their_end_and_no_further(void **state)
{
    (void)state;
    enum { SIZE = CRAMFS_FLAT_HEADER_SIZE + 9 };
    static const uint32_t fields[] = {4, CRAMFS_FLAT_HEADER_SIZE, SIZE - 4, SIZE, SIZE};
    unsigned char file[SIZE] = "bFLT";
    for (size_t i = 0; i < COUNT(fields); i++)
        store32(CRAMFS_BIG, file + 4 + 4 * i, fields[i]);
    struct guard input = guard_open(SIZE);
    for (size_t size = 0; size <= SIZE; size++) {
        struct cramfs_flat flat;
        cramfs_flat_read(guard_copy(&input, file, size), size, &flat);
        if (size < 4)
            assert_int_equal(flat.kind, CRAMFS_FLAT_NONE);
        else
            assert_int_equal(flat.kind,
                             size < SIZE - 4 ? CRAMFS_FLAT_MALFORMED : CRAMFS_FLAT_MAPPED);
    }
    guard_close(&input);
}

/* Files of the image that is cut. */
struct memory_source {
    struct cramfs_source base;
    const unsigned char *bytes;
};

static int read_memory(const struct cramfs_source *base, const struct cramfs_node *node, void *to,
                       struct cramfs_diags *diags)
{
    (void)diags;
    memcpy(to, ((const struct memory_source *)base)->bytes, (size_t)node->size);
    return 0;
}

static void add_file(struct cramfs_tree *tree, const struct memory_source *source, const char *path,
                     size_t size)
{
    struct cramfs_node *node;
    assert_int_equal(cramfs_tree_put_path(tree, path, S_IFREG | 0755, NULL, &node), 0);
    node->source = &source->base;
    node->size = size;
}

/* An image with directories, a link, a device, and deflated, stored, empty and in-place blocks. */
static unsigned char *make_image(const struct cramfs_plan_options *options, size_t *size)
{
    static unsigned char holes[2 * PAGE + 9];
    const struct elf_form form = {false, options->order, ET_EXEC};
    unsigned char *elf = make_elf(&form, sizeof(Elf32_Ehdr));
    const struct memory_source program = {{.read = read_memory}, elf};
    const struct memory_source sparse = {{.read = read_memory}, holes};
    const struct memory_source text = {{.read = read_memory}, (const unsigned char *)"some text"};
    memset(holes + sizeof(holes) - 500, 'x', 500);
    struct cramfs_tree *tree = cramfs_tree_create();
    struct cramfs_node *node;
    add_file(tree, &program, "bin/program", ELF_SIZE);
    add_file(tree, &sparse, "lib/deep/sparse", sizeof(holes));
    add_file(tree, &text, "text", 9);
    add_file(tree, &text, "empty", 0);
    assert_int_equal(cramfs_tree_put_path(tree, "lib/link", S_IFLNK | 0777, NULL, &node), 0);
    node->target = strdup("../bin/program");
    node->size = strlen(node->target);
    assert_int_equal(cramfs_tree_put_path(tree, "null", S_IFCHR | 0666, NULL, &node), 0);
    assert_int_equal(cramfs_tree_finish(tree), 0);

    struct cramfs_plan *plan;
    assert_int_equal(cramfs_plan_create(tree, options, NULL, &plan), 0);
    assert_int_equal(cramfs_plan_summary(plan)->in_place_pages, 2);
    *size = (size_t)cramfs_plan_summary(plan)->image_size;
    unsigned char *image = malloc(*size);
    FILE *file = tmpfile();
    assert_int_equal(cramfs_plan_write(plan, fileno(file), "image", NULL), 0);
    rewind(file);
    assert_int_equal(fread(image, 1, *size, file), *size);
    fclose(file);
    cramfs_plan_free(plan);
    cramfs_tree_free(tree);
    free(elf);
    return image;
}

static void count_error(void *context, const struct cramfs_finding *finding)
{
    if (cramfs_rule_info(finding->rule)->severity == CRAMFS_FINDING_ERROR)
        ++*(unsigned *)context;
}

/* Reads all there is; returns how many errors there are. */
static unsigned read_image(const struct cramfs_image *image, struct cramfs_inflater *inflater)
{
    unsigned errors = 0;
    const struct cramfs_listener listener = {count_error, &errors};
    struct cramfs_survey survey;
    assert_int_equal(cramfs_survey(image, &listener, &survey), 0);
    const struct cramfs_check_options check = {.jobs = 1};
    assert_int_equal(cramfs_check(image, &survey, &check, &listener), 0);
    for (uint32_t i = 0; i < survey.entries.list_count; i++) {
        char path[64];
        cramfs_entry_path(&survey.entries, i, path, sizeof(path));
        unsigned char *bytes;
        if (cramfs_survey_has_blocks(&survey, i) &&
            cramfs_image_read_file(image, &survey.entries.list[i].inode, inflater, &bytes) == 0)
            free(bytes);
    }
    cramfs_survey_free(&survey);
    return errors;
}

static void check_cut_images(const struct cramfs_plan_options *options)
{
    size_t whole;
    unsigned char *made = make_image(options, &whole);
    struct guard input = guard_open(whole);
    struct cramfs_inflater *inflater = cramfs_inflater_create();
    const struct cramfs_open_options open_options = {.page_size = options->page_size};
    size_t head = CRAMFS_SUPER_SIZE + (options->boot_area ? CRAMFS_BOOT_SIZE : 0);
    for (size_t size = 0; size <= whole; size++) {
        unsigned char *bytes = guard_copy(&input, made, size);
        struct cramfs_image image;
        int error = cramfs_image_open_memory(bytes, size, &open_options, &image, NULL);
        assert_int_equal(error, size < head ? -CRAMFS_ERR_FORMAT : 0);
        if (error)
            continue;
        unsigned errors = read_image(&image, inflater);
        assert_int_equal(errors == 0, size == whole);
        cramfs_image_close(&image);
    }
    cramfs_inflater_free(inflater);
    guard_close(&input);
    free(made);
}

static void images_cut_anywhere_are_read_to_their_end_and_no_further(void **state)
{
    (void)state;
    struct cramfs_plan_options options;
    cramfs_plan_options_init(&options);
    check_cut_images(&options);
    options.order = CRAMFS_BIG;
    options.boot_area = true;
    check_cut_images(&options);
}

/* One block of `length` bytes at the end of an image that ends at the edge. */
static int read_block(const struct guard *input, size_t length, uint32_t file_bytes,
                      enum cramfs_block_kind kind, const struct guard *output)
{
    struct cramfs_image image = {.bytes = guard_last(input, length), .file_size = length};
    image.reader.size = length;
    image.page_size = PAGE;
    const struct cramfs_block block = {
        .kind = kind, .offset = 0, .length = length, .file_bytes = file_bytes};
    struct cramfs_inflater *inflater = cramfs_inflater_create();
    unsigned char *to = guard_last(output, file_bytes);
    memset(to, 0xee, file_bytes);
    int error = cramfs_image_read_block(&image, &block, inflater, to, NULL);
    cramfs_inflater_free(inflater);
    return error;
}

static void blocks_of_any_length_fill_what_the_file_has_there_and_no_more(void **state)
{
    (void)state;
    static const uint32_t wanted[] = {1, 2, 7, 100, PAGE - 1, PAGE};
    unsigned char page[PAGE];
    for (size_t i = 0; i < sizeof(page); i++)
        page[i] = (unsigned char)(i * i / 64);
    unsigned char stream[2 * PAGE];
    struct cramfs_deflater *deflater = cramfs_deflater_create(CRAMFS_COMPRESSOR_DEFAULT, 6);
    size_t length = cramfs_deflate(deflater, page, sizeof(page), stream, sizeof(stream));
    cramfs_deflater_free(deflater);
    assert_true(length >= 100 && length <= PAGE);
    struct guard input = guard_open(2 * PAGE);
    struct guard output = guard_open(PAGE);
    for (size_t i = 0; i < COUNT(wanted); i++) {
        for (size_t cut = 0; cut <= length; cut++) { /* a stream in a last block may go on */
            guard_copy(&input, stream, cut);
            int error = read_block(&input, cut, wanted[i], CRAMFS_BLOCK_DEFLATED, &output);
            assert_int_equal(error, cut == length ? 0 : -CRAMFS_ERR_FORMAT);
        }
        assert_memory_equal(guard_last(&output, wanted[i]), page, wanted[i]);
        for (size_t cut = 1; cut <= PAGE; cut++) { /* what is short reads as zeroes */
            guard_copy(&input, page, cut);
            assert_int_equal(read_block(&input, cut, wanted[i], CRAMFS_BLOCK_STORED, &output), 0);
            const unsigned char *got = guard_last(&output, wanted[i]);
            size_t held = cut < wanted[i] ? cut : wanted[i];
            assert_memory_equal(got, page, held);
            for (size_t at = held; at < wanted[i]; at++)
                assert_int_equal(got[at], 0);
        }
    }
    guard_close(&input);
    guard_close(&output);
}

/* A pointer table cut at every length: pointers after the end are reported, and not read. */
static void pointer_tables_cut_anywhere_are_read_to_their_end_and_no_further(void **state)
{
    (void)state;
    enum { BLOCKS = 6, WHOLE = BLOCKS * CRAMFS_POINTER_SIZE };
    static const uint32_t pointers[BLOCKS] = {
        WHOLE,
        CRAMFS_POINTER_DIRECT | CRAMFS_POINTER_STORED | 2,
        WHOLE,
        CRAMFS_POINTER_DIRECT | (WHOLE - 4) / CRAMFS_DIRECT_ALIGN, /* its length is the end */
        WHOLE,
        CRAMFS_POINTER_STORED | WHOLE,
    };
    unsigned char bytes[WHOLE];
    for (size_t i = 0; i < BLOCKS; i++)
        store32(CRAMFS_LITTLE, bytes + 4 * i, pointers[i]);
    struct guard input = guard_open(WHOLE);
    for (size_t size = 0; size <= WHOLE; size++) {
        struct cramfs_super super = {.size = (uint32_t)size};
        unsigned char head[CRAMFS_SUPER_SIZE];
        cramfs_super_encode(CRAMFS_LITTLE, &super, head);
        struct cramfs_image image;
        const struct cramfs_open_options open_options = {.page_size = PAGE};
        assert_int_equal(cramfs_image_open_memory(head, sizeof(head), &open_options, &image, NULL),
                         0);
        image.bytes = guard_copy(&input, bytes, size);
        image.reader.size = size;
        const struct cramfs_inode inode = {.size = BLOCKS * PAGE};
        struct cramfs_table table = cramfs_image_table(&image, &inode);
        for (uint32_t i = 0; i < BLOCKS; i++) {
            struct cramfs_block block;
            cramfs_block_locate(&table, i, &block);
            bool outside = 4 * (i + 1) > size;
            assert_int_equal(block.fault == CRAMFS_BLOCK_TABLE_OUTSIDE, outside);
            if (!block.fault && block.length)
                assert_true(block.offset + block.length > 0 && block.offset + block.length <= size);
        }
        cramfs_image_close(&image);
    }
    guard_close(&input);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(elf_files_cut_anywhere_are_read_to_their_end_and_no_further),
        cmocka_unit_test(flat_headers_cut_anywhere_are_read_to_their_end_and_no_further),
        cmocka_unit_test(images_cut_anywhere_are_read_to_their_end_and_no_further),
        cmocka_unit_test(blocks_of_any_length_fill_what_the_file_has_there_and_no_more),
        cmocka_unit_test(pointer_tables_cut_anywhere_are_read_to_their_end_and_no_further),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
