/*
 * The library as a stranger uses it: one call to build, one to open, and no traps on the way.
 */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/remedy.h"
#include "cramfs/cramfs.h"

static const char text[] = "some bytes";

/* Not finished: the plan does that. */
static struct cramfs_tree *make_tree(unsigned files)
{
    struct cramfs_tree *tree = cramfs_tree_create();
    assert_non_null(tree);
    for (unsigned i = 0; i < files; i++) {
        char path[32];
        snprintf(path, sizeof(path), "d%u/f%u", i % 7, files - i);
        assert_int_equal(cramfs_tree_put_file(tree, path, 0644, text, sizeof(text), NULL, NULL), 0);
    }
    return tree;
}

static unsigned char *build(struct cramfs_tree *tree, const struct cramfs_plan_options *options,
                            uint64_t *size)
{
    struct cramfs_plan *plan;
    assert_int_equal(cramfs_plan_create(tree, options, NULL, &plan), 0);
    *size = cramfs_plan_summary(plan)->image_size;
    unsigned char *image = malloc((size_t)*size);
    assert_non_null(image);
    assert_int_equal(cramfs_plan_write_memory(plan, image, NULL), 0);
    cramfs_plan_free(plan);
    return image;
}

static void test_an_unfinished_tree_is_finished_by_the_plan(void **state)
{
    (void)state;
    struct cramfs_plan_options options;
    uint64_t size;
    uint64_t size_finished;
    cramfs_plan_options_init(&options);
    struct cramfs_tree *tree = make_tree(100);
    unsigned char *image = build(tree, &options, &size);
    cramfs_tree_free(tree);
    tree = make_tree(100);
    assert_int_equal(cramfs_tree_finish(tree), 0);
    unsigned char *finished = build(tree, &options, &size_finished);
    assert_int_equal(size, size_finished);
    assert_memory_equal(image, finished, (size_t)size);
    cramfs_tree_free(tree);
    free(image);
    free(finished);
}

static void test_nodes_added_after_finishing_are_in_the_image(void **state)
{
    (void)state;
    struct cramfs_plan_options options;
    struct cramfs_view *view;
    uint64_t size;
    cramfs_plan_options_init(&options);
    struct cramfs_tree *tree = make_tree(10);
    assert_int_equal(cramfs_tree_finish(tree), 0);
    assert_int_equal(cramfs_tree_put_file(tree, "a/late", 0644, text, 1, NULL, NULL), 0);
    unsigned char *image = build(tree, &options, &size);
    assert_int_equal(cramfs_view_open_memory(image, size, NULL, NULL, &view), 0);
    assert_int_equal(view->survey->entries.list_count, 1 + 7 + 10 + 2);
    cramfs_view_close(view);
    cramfs_tree_free(tree);
    free(image);
}

static void count_finding(void *context, const struct cramfs_finding *finding)
{
    (void)finding;
    ++*(unsigned *)context;
}

static void test_zero_jobs_count_as_one(void **state)
{
    (void)state;
    struct cramfs_plan_options options;
    const struct cramfs_check_options check = {.jobs = 0};
    unsigned findings = 0;
    const struct cramfs_listener listener = {count_finding, &findings};
    struct cramfs_view *view;
    uint64_t size;
    cramfs_plan_options_init(&options);
    options.jobs = 0;
    struct cramfs_tree *tree = make_tree(20);
    unsigned char *image = build(tree, &options, &size);
    assert_int_equal(cramfs_view_open_memory(image, size, NULL, NULL, &view), 0);
    assert_int_equal(cramfs_view_check(view, &check, &listener), 0);
    assert_int_equal(findings, 0);
    assert_int_equal(view->damage->errors, 0);
    image[size - 1] ^= 1;
    assert_int_equal(cramfs_view_check(view, &check, &listener), 0);
    assert_int_equal(view->damage->errors, 1); /* the CRC */
    assert_int_equal(cramfs_view_check(view, &check, NULL), 0);
    assert_int_equal(view->damage->errors, 1);
    cramfs_view_close(view);
    cramfs_tree_free(tree);
    free(image);
}

static void test_a_file_is_built_whole_or_not_at_all(void **state)
{
    (void)state;
    char folder[] = "/tmp/handles-XXXXXX";
    char path[64];
    struct cramfs_plan_options options;
    struct cramfs_diags diags = {0};
    struct cramfs_view *view;
    struct cramfs_node *node;
    struct stat status;
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/image", folder);
    cramfs_plan_options_init(&options);
    struct cramfs_tree *tree = make_tree(3);
    assert_int_equal(cramfs_tree_put_path(tree, "big", S_IFCHR | 0600, NULL, &node), 0);
    node->major = 256;
    assert_int_equal(cramfs_build_file(tree, &options, path, &diags), -CRAMFS_ERR_LIMIT);
    assert_int_equal(diags.errors, 1);
    assert_int_not_equal(stat(path, &status), 0);
    node->major = 255;
    cramfs_diags_free(&diags);
    assert_int_equal(cramfs_build_file(tree, &options, path, &diags), 0);
    assert_int_equal(cramfs_view_open(path, NULL, &diags, &view), 0);
    cramfs_view_close(view);
    unlink(path);
    rmdir(folder);
    assert_int_equal(cramfs_view_open(path, NULL, &diags, &view), -CRAMFS_ERR_IO);
    assert_null(view);
    cramfs_diags_free(&diags);
    cramfs_tree_free(tree);
}

/* An older program knows fewer members: what lies behind its struct is not looked at. */
static void test_options_of_an_older_header_are_taken(void **state)
{
    (void)state;
    struct cramfs_plan_options options;
    uint64_t size;
    cramfs_plan_options_init(&options);
    options.context = &options;
    options.selected = (void (*)(void *, const struct cramfs_node *,
                                 const struct cramfs_selection *))(uintptr_t)1; /* would crash */
    options.progress = (void (*)(void *, uint64_t, uint64_t))(uintptr_t)1;
    options.size = offsetof(struct cramfs_plan_options, selected);
    struct cramfs_tree *tree = make_tree(3);
    free(build(tree, &options, &size));
    cramfs_tree_free(tree);

    struct cramfs_plan_options older;
    memset(&older, 0x5a, sizeof(older));
    cramfs_plan_options_init_size(&older, offsetof(struct cramfs_plan_options, selected));
    assert_int_equal(older.jobs, 1);
    unsigned char untouched[sizeof(older.context)];
    memset(untouched, 0x5a, sizeof(untouched));
    assert_memory_equal(&older.context, untouched, sizeof(untouched));
}

static void test_nothing_can_be_freed(void **state)
{
    (void)state;
    struct cramfs_selection selection = {0};
    struct cramfs_xip_rules rules = {0};
    cramfs_selection_free(&selection);
    cramfs_rules_free(&rules);
    cramfs_deflater_free(NULL);
    cramfs_inflater_free(NULL);
    cramfs_diags_free(NULL);
    cramfs_diff_free(NULL);
    cramfs_elf_free(NULL);
    cramfs_extents_free(NULL);
    cramfs_inputs_free(NULL);
    cramfs_plan_free(NULL);
    cramfs_profile_free(NULL);
    cramfs_program_free(NULL);
    cramfs_rules_free(NULL);
    cramfs_selection_free(NULL);
    cramfs_survey_free(NULL);
    cramfs_tree_free(NULL);
    cramfs_usage_free(NULL);
    cramfs_damage_free(NULL);
    cramfs_entries_free(NULL);
    cramfs_xip_report_free(NULL);
    cramfs_image_close(NULL);
    cramfs_like_close(NULL);
    cramfs_view_close(NULL);
}

static void test_diagnostics_print_a_line_each(void **state)
{
    (void)state;
    struct cramfs_diags diags = {0};
    char *printed = NULL;
    size_t length = 0;
    cramfs_fail(&diags, CRAMFS_ERR_IO, "a\033b", "cannot");
    cramfs_report(&diags, CRAMFS_WARNING, CRAMFS_ERR_IO, NULL, "perhaps");
    cramfs_report(&diags, CRAMFS_NOTE, CRAMFS_ERR_IO, "c", "by the way");
    FILE *out = open_memstream(&printed, &length);
    cramfs_diags_print(&diags, out, "p", CRAMFS_NOTE, NULL);
    cramfs_diags_print(&diags, out, NULL, CRAMFS_ERROR, NULL);
    fclose(out);
    assert_string_equal(printed, "p: a\\033b: cannot\np: warning: perhaps\np: note: c: by the way\n"
                                 "a\\033b: cannot\n");
    free(printed);
    cramfs_diags_free(&diags);
}

/* The caller's words follow the text; what it has none for is left out. */
static void test_remedies_print_in_the_words_of_the_caller(void **state)
{
    (void)state;
    static const char *const words[CRAMFS_REMEDIES] = {
        [CRAMFS_REMEDY_ALLOW] = "allow %s!", [CRAMFS_REMEDY_SCAN] = "look for 100%"};
    struct cramfs_diags diags = {0};
    char *printed = NULL;
    size_t length = 0;
    int error = with_remedy(cramfs_fail(&diags, CRAMFS_ERR_LIMIT, "a", "big"), &diags,
                            CRAMFS_REMEDY_ALLOW, "s\033ze");
    assert_int_equal(error, -CRAMFS_ERR_LIMIT);
    with_remedy(cramfs_fail(&diags, CRAMFS_ERR_FORMAT, NULL, "none"), &diags, CRAMFS_REMEDY_SCAN,
                NULL);
    with_remedy(cramfs_fail(&diags, CRAMFS_ERR_FORMAT, NULL, "mute"), &diags, CRAMFS_REMEDY_CHECK,
                NULL);
    assert_int_equal(with_remedy(-1, NULL, CRAMFS_REMEDY_SCAN, NULL), -1);
    FILE *out = open_memstream(&printed, &length);
    cramfs_diags_print(&diags, out, NULL, CRAMFS_NOTE, words);
    cramfs_diags_print(&diags, out, "p", CRAMFS_NOTE, NULL);
    fclose(out);
    assert_string_equal(printed, "a: big; allow s\\033ze!\nnone; look for 100%\nmute\n"
                                 "p: a: big\np: none\np: mute\n");
    free(printed);
    cramfs_diags_free(&diags);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_remedies_print_in_the_words_of_the_caller),
        cmocka_unit_test(test_an_unfinished_tree_is_finished_by_the_plan),
        cmocka_unit_test(test_nodes_added_after_finishing_are_in_the_image),
        cmocka_unit_test(test_zero_jobs_count_as_one),
        cmocka_unit_test(test_a_file_is_built_whole_or_not_at_all),
        cmocka_unit_test(test_options_of_an_older_header_are_taken),
        cmocka_unit_test(test_nothing_can_be_freed),
        cmocka_unit_test(test_diagnostics_print_a_line_each),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
