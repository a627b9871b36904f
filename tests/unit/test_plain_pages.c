/*
 * Pages that may go in place: their bytes are kept while there is room, or inflated when the image
 * is written. The image is the same.
 */
#include "unit.h"

#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cramfs/like_image.h"
#include "cramfs/plan.h"
#include "elf_header.h"
#include "pack/blocks/plain_pages.h"

enum { SEED = 20261128, LARGE_PAGE = 65536, LARGE_PAGES = 2000, MEBIBYTE = 1 << 20 };

static bool keeps = true;
static unsigned asked;

void __real_plain_pages_keep(struct block_store *store, uint32_t deflated, const void *raw,
                             const struct cramfs_plan_options *options);
void __wrap_plain_pages_keep(struct block_store *store, uint32_t deflated, const void *raw,
                             const struct cramfs_plan_options *options);

/* Linked in place of plain_pages_keep(). */
void __wrap_plain_pages_keep(struct block_store *store, uint32_t deflated, const void *raw,
                             const struct cramfs_plan_options *options)
{
    asked++;
    if (keeps)
        __real_plain_pages_keep(store, deflated, raw, options);
}

/* -- room ---------------------------------------------------------------------------------- */

static void fill(unsigned char *page, uint32_t number)
{
    memset(page, (int)number, LARGE_PAGE);
    memcpy(page, &number, sizeof(number));
}

/* Adds the two blocks of a page; the deflated one has no more than a length. */
static void add_page(struct block_store *store, const unsigned char *page, uint32_t length,
                     const struct cramfs_plan_options *options)
{
    uint32_t deflated, placed;
    struct encoded_block block = {.data = page,
                                  .length = length,
                                  .file_bytes = LARGE_PAGE,
                                  .form = FORM_DEFLATED,
                                  .lasting = true};
    assert_int_equal(block_store_append(store, &block, 0, &deflated), 0);
    block = (struct encoded_block){.data = store->blocks[deflated].data,
                                   .length = LARGE_PAGE,
                                   .file_bytes = LARGE_PAGE,
                                   .form = FORM_IN_PLACE,
                                   .lasting = true,
                                   .stream_length = length};
    assert_int_equal(block_store_append(store, &block, 0, &placed), 0);
    store->blocks[deflated].placed = placed;
    plain_pages_keep(store, deflated, page, options);
}

static uint32_t length_of(uint32_t number)
{
    return 1 + number * 2654435761u % (LARGE_PAGE - 1);
}

/* The bytes of pages that are kept; they are those that compress worst. */
static uint64_t check_kept(const struct block_store *store)
{
    uint64_t kept = 0;
    uint32_t longest_dropped = 0;
    uint32_t shortest_kept = LARGE_PAGE;
    unsigned char page[LARGE_PAGE];
    for (uint32_t i = 0; i < store->blocks_count; i += 2) {
        const struct encoded_block *deflated = &store->blocks[i];
        const struct encoded_block *placed = &store->blocks[deflated->placed];
        fill(page, i / 2);
        assert_int_equal(placed->length, LARGE_PAGE);
        if (placed->stream_length) {
            assert_ptr_equal(placed->data, deflated->data);
            assert_int_equal(placed->stream_length, deflated->length);
            if (deflated->length > longest_dropped)
                longest_dropped = deflated->length;
        } else {
            assert_memory_equal(placed->data, page, LARGE_PAGE);
            if (deflated->length < shortest_kept)
                shortest_kept = deflated->length;
            kept += LARGE_PAGE;
        }
    }
    assert_true(longest_dropped <= shortest_kept + LARGE_PAGE / 64);
    return kept;
}

static void check_room(uint64_t budget, uint64_t least, uint64_t most)
{
    const struct cramfs_plan_options options = {.page_size = LARGE_PAGE, .budget = budget};
    struct block_store store = {0};
    unsigned char page[LARGE_PAGE];
    for (uint32_t i = 0; i < LARGE_PAGES; i++) {
        fill(page, i);
        add_page(&store, page, length_of(i), &options);
    }
    uint64_t kept = check_kept(&store);
    assert_int_equal(kept, store.plain.bytes);
    assert_in_range(kept, least * MEBIBYTE, most * MEBIBYTE);
    block_store_free(&store);
}

static void the_bytes_of_pages_that_compress_worst_are_kept(void **state)
{
    (void)state;
    keeps = true;
    check_room(0, 42, 44);
    check_room(UINT64_MAX, 42, 44); /* nobody knows how much goes in place */
    check_room(30 * MEBIBYTE, 72, 74);
    check_room(1024 * MEBIBYTE, 104, 107); /* all in place would cost about 62 MiB */
}

/* -- images -------------------------------------------------------------------------------- */

enum { PAGE = 4096, FILES = 5, FILE_PAGES = 40 };

static unsigned char contents[FILES][FILE_PAGES * PAGE];

static int read_memory(const struct cramfs_source *source, const struct cramfs_node *node, void *to,
                       struct cramfs_diags *diags)
{
    (void)source, (void)diags;
    memcpy(to, contents[node->modified_seconds], (size_t)node->size);
    return 0;
}

static const struct cramfs_source memory = {.read = read_memory};

/* Programs of one read-only segment; more or less of each page compresses, or it is a hole. */
static void make_contents(void)
{
    size_t length = FILE_PAGES * PAGE - 1500;
    Elf32_Ehdr header = elf_header(ET_EXEC, 1);
    Elf32_Phdr segment = elf_segment(PF_R | PF_X, 0, 0x10000, (uint32_t)length);
    srand(SEED);
    printf("seed %d\n", SEED);
    for (unsigned file = 0; file < FILES; file++) {
        for (size_t at = 0; at < length; at++)
            contents[file][at] =
                (unsigned char)(at % PAGE * 10 < at / PAGE % 11 * PAGE ? rand() : rand() % 7);
        memset(contents[file] + (7 + file) * PAGE, 0, PAGE);
        memcpy(contents[file], &header, sizeof(header));
        memcpy(contents[file] + sizeof(header), &segment, sizeof(segment));
    }
    /* The last file is no program. It has pages of programs, so it shares what they have in place.
     */
    memset(contents[FILES - 1], 'x', PAGE);
    memcpy(contents[FILES - 1] + 3 * PAGE, contents[1] + 3 * PAGE, 9 * PAGE);
    memcpy(contents[3] + 10 * PAGE, contents[2] + 10 * PAGE, 9 * PAGE);
}

static struct cramfs_tree *make_tree(void)
{
    struct cramfs_tree *tree = cramfs_tree_create();
    for (unsigned i = 0; i < FILES; i++) {
        char name[8];
        snprintf(name, sizeof(name), "f%u", i);
        struct cramfs_node *node = cramfs_tree_put(tree, tree->root, name, S_IFREG | 0755);
        node->size = i == 2 ? 20 * PAGE : sizeof(contents[i]);
        node->source = &memory;
        node->modified_seconds = i;
    }
    return tree;
}

struct image {
    int file;
    size_t size;
};

static struct image build(const struct cramfs_plan_options *options)
{
    struct cramfs_tree *tree = make_tree();
    struct cramfs_plan *plan;
    struct image image = {.file = memfd_create("image", 0)};
    assert_int_equal(cramfs_plan_create(tree, options, NULL, &plan), 0);
    image.size = (size_t)cramfs_plan_summary(plan)->image_size;
    assert_int_equal(cramfs_plan_write(plan, image.file, "image", NULL), 0);
    unsigned char *written = malloc(image.size);
    unsigned char *again = malloc(image.size);
    assert_int_equal(pread(image.file, written, image.size, 0), image.size);
    assert_int_equal(cramfs_plan_write_memory(plan, again, NULL), 0);
    assert_memory_equal(written, again, image.size);
    free(written);
    free(again);
    cramfs_plan_free(plan);
    cramfs_tree_free(tree);
    return image;
}

static void expect_same(const struct image *one, const struct image *other)
{
    assert_int_equal(one->size, other->size);
    unsigned char *bytes[] = {malloc(one->size), malloc(other->size)};
    assert_int_equal(pread(one->file, bytes[0], one->size, 0), one->size);
    assert_int_equal(pread(other->file, bytes[1], other->size, 0), other->size);
    assert_memory_equal(bytes[0], bytes[1], one->size);
    free(bytes[0]);
    free(bytes[1]);
}

/* The pages that the older image's check inflated are those of its blocks. */
static void expect_inflated(const struct cramfs_like *like)
{
    struct cramfs_inflater *inflater = cramfs_inflater_create();
    unsigned char *page = malloc(like->page_size);
    assert_non_null(inflater);
    assert_non_null(page);
    assert_true(like->pages_count > 0);
    for (size_t i = 0; i < like->pages_count; i++) {
        const struct cramfs_like_page *kept = &like->pages[i];
        size_t used;
        size_t written;
        assert_true(!i || kept[-1].offset < kept->offset);
        assert_int_equal(cramfs_inflate(inflater, like->bytes + kept->offset, kept->used, page,
                                        like->page_size, &used, &written),
                         0);
        assert_true(used == kept->used && written == kept->length);
        assert_memory_equal(kept->bytes, page, written);
    }
    free(page);
    cramfs_inflater_free(inflater);
}

/* Builds the image with and without bytes that are kept, and like an older one if there is one. */
static struct image build_both(struct cramfs_plan_options *options, const struct image *older)
{
    struct cramfs_like_image like;
    const struct cramfs_like_options like_options = {.page_size = options->page_size};
    if (older) {
        char path[32];
        snprintf(path, sizeof(path), "/proc/self/fd/%d", older->file);
        assert_int_equal(cramfs_like_open(path, &like_options, &like, NULL), 0);
        expect_inflated(&like.like);
        options->like = &like.like;
    }
    asked = 0;
    keeps = true;
    struct image image = build(options);
    assert_true(asked > 0 || older); /* pages that the older image has in place are its bytes */
    keeps = false;
    struct image other = build(options);
    expect_same(&image, &other);
    close(other.file);
    if (older)
        cramfs_like_close(&like);
    options->like = NULL;
    return image;
}

static void an_image_is_the_same_if_no_bytes_are_kept(void **state)
{
    (void)state;
    static const uint64_t budgets[] = {0, 30000, 150000, UINT64_MAX};
    struct cramfs_plan_options options;
    cramfs_plan_options_init(&options);
    options.choose = true;
    make_contents();
    for (unsigned jobs = 1; jobs <= 3; jobs++) {
        struct image images[COUNT(budgets)];
        options.jobs = jobs;
        for (size_t i = 0; i < COUNT(budgets); i++) {
            options.budget = budgets[i];
            images[i] = build_both(&options, NULL);
        }
        for (size_t i = 0; i < COUNT(budgets) * COUNT(budgets); i++) {
            options.budget = budgets[i % COUNT(budgets)];
            struct image image = build_both(&options, &images[i / COUNT(budgets)]);
            if (i % COUNT(budgets) == i / COUNT(budgets))
                expect_same(&image, &images[i % COUNT(budgets)]);
            close(image.file);
        }
        for (size_t i = 0; i < COUNT(budgets); i++)
            close(images[i].file);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_bytes_of_pages_that_compress_worst_are_kept),
        cmocka_unit_test(an_image_is_the_same_if_no_bytes_are_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
