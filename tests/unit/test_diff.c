/*
 * Two images compared by any number of threads: the same changes, which are those of the bytes.
 */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cramfs/cramfs.h"
#include "cramfs/diff.h"

/* Files share the pages of a few kinds, so that pages equal others than their partners, too. */
enum { FILES = 60, MOST_PAGES = 80, PAGE = 4096, KINDS = 12, SEED = 20261128 };

struct contents {
    unsigned char *bytes[FILES];
    size_t sizes[FILES];
};

static uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

/* Zeroes, noise, and bytes that compress. */
static void fill_page(unsigned char *page, uint32_t kind)
{
    uint32_t seed = kind;
    for (size_t at = 0; at < PAGE; at++)
        page[at] = (unsigned char)(kind == 0 ? 0 : next_random(&seed) & (kind % 2 ? 0xff : 3));
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

static void compare(const struct cramfs_plan_options options[2])
{
    static const unsigned jobs[] = {0, 2, 3, 8, 64};
    static const uint64_t erase_blocks[] = {0, 4096};
    struct contents contents[2];
    struct cramfs_view *views[2];
    struct cramfs_inflated *inflated[2];
    unsigned char *images[2];
    fill_files(&contents[0], SEED);
    fill_files(&contents[1], SEED);
    change_files(&contents[1], SEED + 1);
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

static void any_number_of_threads_finds_the_same(void **state)
{
    (void)state;
    struct cramfs_plan_options options[2];
    cramfs_plan_options_init(&options[0]);
    cramfs_plan_options_init(&options[1]);
    compare(options);
    options[1].level = 1;
    compare(options);
}

static void pages_in_place_equal_compressed_pages(void **state)
{
    (void)state;
    struct cramfs_plan_options options[2];
    cramfs_plan_options_init(&options[0]);
    cramfs_plan_options_init(&options[1]);
    options[1].xip = CRAMFS_XIP_FILE;
    compare(options);
}

static void pages_of_two_sizes_are_compared(void **state)
{
    (void)state;
    struct cramfs_plan_options options[2];
    cramfs_plan_options_init(&options[0]);
    cramfs_plan_options_init(&options[1]);
    options[1].page_size = 4 * PAGE;
    compare(options);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_number_of_threads_finds_the_same),
        cmocka_unit_test(pages_in_place_equal_compressed_pages),
        cmocka_unit_test(pages_of_two_sizes_are_compared),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
