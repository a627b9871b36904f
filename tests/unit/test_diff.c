/*
 * Two images compared by any number of threads: the same changes, which are those of the bytes.
 */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cramfs/cramfs.h"
#include "cramfs/diff.h"
#include "report/diff/contents.h"

/* Files share the pages of a few kinds, so that pages equal others than their partners, too. */
enum { FILES = 60, MOST_PAGES = 80, PAGE = 4096, KINDS = 18, UNLIKE_KINDS = 12, SEED = 20261128 };

struct contents {
    unsigned char *bytes[FILES];
    size_t sizes[FILES];
    bool in_place[FILES];
};

static uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

/* Zeroes, noise, and bytes that compress. Of the last kinds, every other one has one Adler-32. */
static void fill_page(unsigned char *page, uint32_t kind)
{
    uint32_t seed = kind < UNLIKE_KINDS ? kind : UNLIKE_KINDS;
    for (size_t at = 0; at < PAGE; at++)
        page[at] = (unsigned char)(kind == 0 ? 0 : next_random(&seed) & (kind % 2 ? 0xff : 3));
    if (kind < UNLIKE_KINDS)
        return;
    memset(page, 9, KINDS * sizeof("abc"));
    memcpy(page + kind * sizeof("abc"), (const char[]){10, 7, 10}, 3);
}

static void fill_files(struct contents *contents, uint32_t seed)
{
    for (unsigned i = 0; i < FILES; i++) {
        size_t pages = 1 + next_random(&seed) % MOST_PAGES;
        contents->sizes[i] = pages * PAGE - next_random(&seed) % PAGE;
        contents->bytes[i] = malloc(pages * PAGE);
        assert_non_null(contents->bytes[i]);
        for (size_t page = 0; page < pages; page++)
            fill_page(contents->bytes[i] + page * PAGE, next_random(&seed) % KINDS);
    }
}

/* Some files begin with other pages, or are shorter, or are another one. */
static void change_files(struct contents *contents, uint32_t seed)
{
    for (unsigned i = 0; i < FILES; i += 3) {
        unsigned other = next_random(&seed) % FILES;
        if (i % 2)
            fill_page(contents->bytes[i], next_random(&seed) % KINDS);
        else if (contents->sizes[other] < contents->sizes[i])
            memcpy(contents->bytes[i], contents->bytes[other], contents->sizes[other]);
        contents->sizes[i] -= i % 4 ? 0 : 1;
    }
}

static unsigned char *pack(const struct contents *contents,
                           const struct cramfs_plan_options *options, struct cramfs_view **view)
{
    struct cramfs_tree *tree = cramfs_tree_create();
    struct cramfs_plan *plan;
    assert_non_null(tree);
    for (unsigned i = 0; i < FILES; i++) {
        char path[32];
        snprintf(path, sizeof(path), "d/f%02u", i);
        assert_int_equal(cramfs_tree_put_file(tree, path, 0644, contents->bytes[i],
                                              contents->sizes[i], NULL, NULL),
                         0);
        if (contents->in_place[i])
            cramfs_tree_lookup(tree, path)->xip = CRAMFS_XIP_FILE;
    }
    assert_int_equal(cramfs_plan_create(tree, options, NULL, &plan), 0);
    size_t size = (size_t)cramfs_plan_summary(plan)->image_size;
    unsigned char *bytes = malloc(size);
    assert_non_null(bytes);
    assert_int_equal(cramfs_plan_write_memory(plan, bytes, NULL), 0);
    cramfs_plan_free(plan);
    cramfs_tree_free(tree);
    const struct cramfs_open_options open = {.page_size = options->page_size};
    assert_int_equal(cramfs_view_open_memory(bytes, size, &open, NULL, view), 0);
    return bytes;
}

static char *print(struct cramfs_view *const views[2], uint64_t erase_block, unsigned jobs)
{
    struct cramfs_diff diff;
    char *text = NULL;
    size_t length;
    FILE *out = open_memstream(&text, &length);
    assert_non_null(out);
    assert_int_equal(cramfs_diff(views[0], views[1], erase_block, jobs, &diff), 0);
    assert_int_equal(cramfs_print_diff(out, &diff), 0);
    assert_int_equal(cramfs_print_diff_json(out, &diff), 0);
    assert_int_equal(fclose(out), 0);
    cramfs_diff_free(&diff);
    return text;
}

static void expect_changes(struct cramfs_view *const views[2], const struct contents contents[2])
{
    struct cramfs_diff diff;
    bool found[FILES] = {false};
    assert_int_equal(cramfs_diff(views[0], views[1], 0, 3, &diff), 0);
    for (size_t i = 0; i < diff.changes_count; i++) {
        const struct cramfs_entry *entry =
            &views[0]->survey->entries.list[diff.changes[i].entries[0]];
        if (diff.changes[i].what & CRAMFS_CHANGED_CONTENT)
            found[strtoul(entry->name + 1, NULL, 10)] = true;
    }
    for (unsigned i = 0; i < FILES; i++) {
        bool same = contents[0].sizes[i] == contents[1].sizes[i] &&
                    memcmp(contents[0].bytes[i], contents[1].bytes[i], contents[0].sizes[i]) == 0;
        assert_int_equal(found[i], !same);
    }
    cramfs_diff_free(&diff);
}

/* Blocks that a check inflates need not be inflated again. */
static struct cramfs_inflated *inflate(struct cramfs_view *view)
{
    struct cramfs_inflated *inflated = cramfs_inflated_create(1 << 20);
    const struct cramfs_check_options options = {.jobs = 2, .inflated = inflated};
    assert_non_null(inflated);
    assert_int_equal(cramfs_view_check(view, &options, NULL), 0);
    return inflated;
}

/* With `other`, each image has other files in place. */
static void compare(const struct cramfs_plan_options options[2], bool other)
{
    static const unsigned jobs[] = {0, 2, 3, 8, 64};
    static const uint64_t erase_blocks[] = {0, 4096};
    struct contents contents[2] = {0};
    struct cramfs_view *views[2];
    struct cramfs_inflated *inflated[2];
    unsigned char *images[2];
    fill_files(&contents[0], SEED);
    fill_files(&contents[1], SEED);
    change_files(&contents[1], SEED + 1);
    for (unsigned i = 0; other && i < FILES; i++)
        contents[0].in_place[i] = contents[1].in_place[(i + 1) % FILES] = i % 5 == 0;
    for (int side = 0; side < 2; side++)
        images[side] = pack(&contents[side], &options[side], &views[side]);
    for (int side = 0; side < 2; side++)
        inflated[side] = inflate(views[side]);
    expect_changes(views, contents);
    for (size_t i = 0; i < COUNT(erase_blocks); i++) {
        views[0]->inflated = views[1]->inflated = NULL;
        char *alone = print(views, erase_blocks[i], 1);
        for (size_t j = 0; j < COUNT(jobs); j++) {
            for (unsigned side = 0; side < 2; side++)
                views[side]->inflated = j >> side & 1 ? inflated[side] : NULL;
            char *together = print(views, erase_blocks[i], jobs[j]);
            assert_string_equal(together, alone);
            free(together);
        }
        free(alone);
    }
    for (int side = 0; side < 2; side++) {
        cramfs_view_close(views[side]);
        cramfs_inflated_free(inflated[side]);
        free(images[side]);
        for (unsigned i = 0; i < FILES; i++)
            free(contents[side].bytes[i]);
    }
}

static void init_both(struct cramfs_plan_options options[2])
{
    cramfs_plan_options_init(&options[0]);
    cramfs_plan_options_init(&options[1]);
}

static void any_number_of_threads_finds_the_same(void **state)
{
    (void)state;
    struct cramfs_plan_options options[2];
    init_both(options);
    compare(options, false);
    options[1].level = 1;
    compare(options, false);
}

static void pages_in_place_equal_compressed_pages(void **state)
{
    (void)state;
    struct cramfs_plan_options options[2];
    init_both(options);
    options[1].xip = CRAMFS_XIP_FILE;
    compare(options, false);
}

static void pages_in_place_equal_compressed_pages_of_other_files(void **state)
{
    (void)state;
    struct cramfs_plan_options options[2];
    init_both(options);
    compare(options, true);
}

/* Where a page of each kind is in a file in place, which is not where the kernel maps one. */
enum { INSIDE = 512, INSIDE_KINDS = 3, FIRST = UNLIKE_KINDS, TWIN = FIRST + 2 };

struct packed {
    struct cramfs_view *view;
    unsigned char *bytes;
};

/*
 * Three files: a page of zeroes, a page that compresses, and a file in place. Inside of that are
 * pages of the given kinds.
 */
static struct packed pack_pages(const uint32_t kinds[INSIDE_KINDS])
{
    static unsigned char inside[(INSIDE_KINDS + 2) * PAGE], page[PAGE], zeroes[PAGE];
    struct cramfs_tree *tree = cramfs_tree_create();
    struct cramfs_plan_options options;
    struct cramfs_plan *plan;
    struct packed packed;
    assert_non_null(tree);
    fill_page(page, FIRST);
    for (size_t at = 0; at < sizeof(inside); at += PAGE)
        fill_page(inside + at, UNLIKE_KINDS + 1);
    for (size_t i = 0; i < INSIDE_KINDS; i++)
        fill_page(inside + INSIDE + i * PAGE, kinds[i]);
    assert_int_equal(cramfs_tree_put_file(tree, "inside", 0644, inside, sizeof(inside), NULL, NULL),
                     0);
    cramfs_tree_lookup(tree, "inside")->xip = CRAMFS_XIP_FILE;
    assert_int_equal(cramfs_tree_put_file(tree, "page", 0644, page, PAGE, NULL, NULL), 0);
    assert_int_equal(cramfs_tree_put_file(tree, "zeroes", 0644, zeroes, PAGE, NULL, NULL), 0);
    cramfs_plan_options_init(&options);
    options.holes = false;
    assert_int_equal(cramfs_plan_create(tree, &options, NULL, &plan), 0);
    size_t size = (size_t)cramfs_plan_summary(plan)->image_size;
    packed.bytes = malloc(size);
    assert_non_null(packed.bytes);
    assert_int_equal(cramfs_plan_write_memory(plan, packed.bytes, NULL), 0);
    cramfs_plan_free(plan);
    cramfs_tree_free(tree);
    assert_int_equal(cramfs_view_open_memory(packed.bytes, size, NULL, NULL, &packed.view), 0);
    return packed;
}

/* Page `index` of an entry; the entries are in the order of their names, after the root. */
static struct cramfs_block block_of(const struct cramfs_view *view, uint32_t entry, uint32_t index)
{
    struct cramfs_table table =
        cramfs_image_table(view->image, &view->survey->entries.list[entry].inode);
    struct cramfs_block block;
    cramfs_block_locate(&table, index, &block);
    return block;
}

/*
 * A page whose stream is the same in both images is not inflated: the Adler-32 at its end finds the
 * pages that it may be equal to.
 */
static void pages_are_known_by_their_streams(void **state)
{
    (void)state;
    const uint32_t kinds[INSIDE_KINDS] = {FIRST, TWIN, 0};
    struct packed packed[2] = {pack_pages(kinds), pack_pages(kinds)};
    const struct cramfs_view *views[2] = {packed[0].view, packed[1].view};
    struct cramfs_inflated *inflated = inflate(packed[0].view);
    packed[0].view->inflated = inflated;
    struct diff_contents *contents = contents_create(views, 2);
    assert_non_null(contents);
    for (uint32_t entry = 2; entry <= 3; entry++)
        assert_int_equal(contents_expect(contents, (const uint32_t[]){entry, entry}), 0);
    assert_int_equal(contents_wait(contents), 0);
    uint32_t numbers[2], inside[INSIDE_KINDS];
    for (uint32_t i = 0; i < 2; i++) {
        struct cramfs_block block = block_of(views[0], 2 + i, 0);
        assert_int_equal(block.kind, CRAMFS_BLOCK_DEFLATED);
        assert_int_equal(contents_page(contents, 0, &block, 0, &numbers[i]), 0);
    }
    for (uint32_t i = 0; i < INSIDE_KINDS; i++) {
        struct cramfs_block block = block_of(views[1], 1, i);
        assert_int_equal(block.kind, CRAMFS_BLOCK_STORED);
        block.offset += INSIDE;
        assert_int_equal(contents_page(contents, 1, &block, 0, &inside[i]), 0);
    }
    assert_int_equal(inside[0], numbers[0]);
    assert_int_not_equal(inside[1], numbers[0]);
    assert_int_equal(inside[2], numbers[1]);
    contents_free(contents);
    for (int side = 0; side < 2; side++) {
        cramfs_view_close(packed[side].view);
        free(packed[side].bytes);
    }
    cramfs_inflated_free(inflated);
}

static void pages_of_two_sizes_are_compared(void **state)
{
    (void)state;
    struct cramfs_plan_options options[2];
    init_both(options);
    options[1].page_size = 4 * PAGE;
    compare(options, false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_number_of_threads_finds_the_same),
        cmocka_unit_test(pages_in_place_equal_compressed_pages),
        cmocka_unit_test(pages_in_place_equal_compressed_pages_of_other_files),
        cmocka_unit_test(pages_are_known_by_their_streams),
        cmocka_unit_test(pages_of_two_sizes_are_compared),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
