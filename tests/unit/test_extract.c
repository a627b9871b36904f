/*
 * Extraction when memory runs out. The linker replaces calloc() and malloc() in this program: one
 * call, recognized by its size or its number, returns NULL.
 */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cramfs/cramfs.h"

enum { PAGE = 4096, LARGE_PAGES = 37, TARGET = 1237 };

static size_t no_room_for;  /* bytes; 0: memory is never short */
static unsigned calls_left; /* until a call fails; 0: none does */

void *__real_calloc(size_t count, size_t size);
void *__real_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_malloc(size_t size);

static bool runs_out(size_t size)
{
    if (calls_left && --calls_left == 0)
        return true;
    return no_room_for && size == no_room_for;
}

void *__wrap_calloc(size_t count, size_t size)
{
    return runs_out(count * size) ? NULL : __real_calloc(count, size);
}

void *__wrap_malloc(size_t size)
{
    return runs_out(size) ? NULL : __real_malloc(size);
}

struct specimen {
    unsigned char *image;
    struct cramfs_view *view;
    struct cramfs_diags diags;
    char folder[sizeof("/tmp/extract-XXXXXX")];
    int result;
};

static char large[LARGE_PAGES * PAGE];

/* /a is a link, /b a small file, /c a file of LARGE_PAGES, /d a small file. */
static void set_up(struct specimen *specimen)
{
    static char target[TARGET + 1];
    static const char words[] = "the same words, and the same words, and the same words";
    struct cramfs_plan_options options;
    struct cramfs_plan *plan;
    memset(target, 't', TARGET);
    memset(large, 'l', sizeof(large));
    *specimen = (struct specimen){.folder = "/tmp/extract-XXXXXX"};
    assert_non_null(mkdtemp(specimen->folder));
    struct cramfs_tree *tree = cramfs_tree_create();
    assert_non_null(tree);
    assert_int_equal(cramfs_tree_put_link(tree, "a", target, NULL, NULL), 0);
    assert_int_equal(cramfs_tree_put_file(tree, "b", 0644, words, sizeof(words), NULL, NULL), 0);
    assert_int_equal(cramfs_tree_put_file(tree, "c", 0644, large, sizeof(large), NULL, NULL), 0);
    assert_int_equal(cramfs_tree_put_file(tree, "d", 0644, words, sizeof(words), NULL, NULL), 0);
    cramfs_plan_options_init(&options);
    assert_int_equal(cramfs_plan_create(tree, &options, NULL, &plan), 0);
    uint64_t size = cramfs_plan_summary(plan)->image_size;
    specimen->image = malloc((size_t)size);
    assert_non_null(specimen->image);
    assert_int_equal(cramfs_plan_write_memory(plan, specimen->image, NULL), 0);
    cramfs_plan_free(plan);
    cramfs_tree_free(tree);
    assert_int_equal(cramfs_view_open_memory(specimen->image, size, NULL, NULL, &specimen->view),
                     0);
    assert_int_equal(specimen->view->survey->entries.list_count, 5);
}

static void extract_with(struct specimen *specimen, const struct cramfs_inflated *inflated)
{
    const struct cramfs_extract_options options = {
        .max_bytes = CRAMFS_DEFAULT_MAX_EXTRACT, .jobs = 1, .inflated = inflated};
    specimen->result = cramfs_extract(specimen->view->image, specimen->view->survey,
                                      specimen->folder, &options, &specimen->diags);
}

static void extract(struct specimen *specimen, size_t size)
{
    no_room_for = size;
    extract_with(specimen, NULL);
    no_room_for = 0;
}

static void tear_down(struct specimen *specimen)
{
    for (const char *name = "abcd"; *name; name++) {
        char path[64];
        snprintf(path, sizeof(path), "%s/%c", specimen->folder, *name);
        unlink(path);
    }
    rmdir(specimen->folder);
    cramfs_diags_free(&specimen->diags);
    cramfs_view_close(specimen->view);
    free(specimen->image);
}

static int64_t size_of(const struct specimen *specimen, char name)
{
    char path[64];
    struct stat status;
    snprintf(path, sizeof(path), "%s/%c", specimen->folder, name);
    return lstat(path, &status) == 0 ? (int64_t)status.st_size : -1;
}

static void assert_diag(const struct specimen *specimen, size_t number, enum cramfs_error code,
                        const char *path, const char *text)
{
    assert_true(number < specimen->diags.list_count);
    const struct cramfs_diag *diag = &specimen->diags.list[number];
    assert_int_equal(diag->code, code);
    assert_string_equal(diag->path, path);
    assert_non_null(strstr(diag->text, text));
}

/* Damages the stream of an entry's first block. */
static void damage(struct specimen *specimen, uint32_t entry)
{
    const struct cramfs_survey *survey = specimen->view->survey;
    struct cramfs_table table =
        cramfs_image_table(specimen->view->image, &survey->entries.list[entry].inode);
    struct cramfs_block block;
    cramfs_block_locate(&table, 0, &block);
    assert_int_equal(block.kind, CRAMFS_BLOCK_DEFLATED);
    specimen->image[block.offset] ^= 0xff;
}

static void a_link_without_memory_is_not_called_damaged(void **state)
{
    (void)state;
    struct specimen specimen;
    set_up(&specimen);
    extract(&specimen, TARGET + 1);
    assert_int_equal(specimen.result, -CRAMFS_ERR_MEMORY);
    assert_int_equal(specimen.diags.errors, 1);
    assert_diag(&specimen, 0, CRAMFS_ERR_MEMORY, "/a", "out of memory");
    assert_int_equal(size_of(&specimen, 'd'), size_of(&specimen, 'b'));
    tear_down(&specimen);
}

static void damage_found_later_does_not_hide_that_memory_ran_out(void **state)
{
    (void)state;
    struct specimen specimen;
    set_up(&specimen);
    damage(&specimen, 3);
    extract(&specimen, TARGET + 1);
    assert_int_equal(specimen.result, -CRAMFS_ERR_MEMORY);
    assert_true(specimen.diags.errors > 1);
    assert_diag(&specimen, 1, CRAMFS_ERR_FORMAT, "/c", "damaged");
    tear_down(&specimen);
}

static void assert_contents(const struct specimen *specimen, char name, const char *bytes,
                            size_t size)
{
    char path[64];
    static char found[sizeof(large) + 1];
    snprintf(path, sizeof(path), "%s/%c", specimen->folder, name);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    assert_int_equal(fread(found, 1, sizeof(found), file), size);
    assert_memory_equal(found, bytes, size);
    fclose(file);
}

/* A stream that goes on after the end of its file is inflated to a whole page. */
static void a_stream_that_is_longer_than_its_file_needs_no_memory(void **state)
{
    (void)state;
    struct specimen specimen;
    set_up(&specimen);
    specimen.view->survey->entries.list[3].inode.size = 100;
    extract(&specimen, PAGE);
    assert_int_equal(specimen.result, 0);
    assert_contents(&specimen, 'c', large, 100);
    tear_down(&specimen);
}

/* Checks, and keeps the blocks. */
static void check(struct specimen *specimen, struct cramfs_inflated *inflated, int *result)
{
    const struct cramfs_check_options options = {.jobs = 1, .inflated = inflated};
    *result = cramfs_check(specimen->view->image, specimen->view->survey, &options, NULL);
}

static void each_allocation_that_fails_is_an_error_and_files_are_whole(void **state)
{
    (void)state;
    int failures = 0;
    bool failed = true;
    for (unsigned number = 1; failed; number++) {
        struct specimen specimen;
        int checked;
        set_up(&specimen);
        calls_left = number;
        struct cramfs_inflated *inflated = cramfs_inflated_create(1 << 20);
        check(&specimen, inflated, &checked);
        if (!checked)
            extract_with(&specimen, inflated);
        failed = calls_left == 0;
        calls_left = 0;
        failures += checked || specimen.result;
        assert_true(checked == 0 || checked == -CRAMFS_ERR_MEMORY);
        assert_true(specimen.result == 0 || specimen.result == -CRAMFS_ERR_MEMORY);
        assert_int_equal(specimen.diags.errors != 0, specimen.result != 0);
        if (size_of(&specimen, 'c') >= 0)
            assert_contents(&specimen, 'c', large, sizeof(large));
        cramfs_inflated_free(inflated);
        tear_down(&specimen);
    }
    assert_true(failures > 5);
}

/* The image is damaged after the check, so what is extracted can only be what the check kept. */
static void blocks_that_a_check_inflated_are_not_inflated_again(void **state)
{
    (void)state;
    struct specimen specimen;
    int checked;
    set_up(&specimen);
    struct cramfs_inflated *inflated = cramfs_inflated_create(1 << 20);
    assert_non_null(inflated);
    check(&specimen, inflated, &checked);
    assert_int_equal(checked, 0);
    damage(&specimen, 3);
    extract_with(&specimen, inflated);
    assert_int_equal(specimen.result, 0);
    assert_contents(&specimen, 'c', large, sizeof(large));
    cramfs_inflated_free(inflated);
    tear_down(&specimen);
}

static void without_room_blocks_are_inflated_again(void **state)
{
    (void)state;
    struct specimen specimen;
    int checked;
    set_up(&specimen);
    struct cramfs_inflated *inflated = cramfs_inflated_create(PAGE);
    assert_non_null(inflated);
    check(&specimen, inflated, &checked);
    assert_int_equal(checked, 0);
    extract_with(&specimen, inflated);
    assert_int_equal(specimen.result, 0);
    assert_contents(&specimen, 'c', large, sizeof(large));
    cramfs_inflated_free(inflated);
    tear_down(&specimen);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_link_without_memory_is_not_called_damaged),
        cmocka_unit_test(damage_found_later_does_not_hide_that_memory_ran_out),
        cmocka_unit_test(a_stream_that_is_longer_than_its_file_needs_no_memory),
        cmocka_unit_test(each_allocation_that_fails_is_an_error_and_files_are_whole),
        cmocka_unit_test(blocks_that_a_check_inflated_are_not_inflated_again),
        cmocka_unit_test(without_room_blocks_are_inflated_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
