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

/* An older program knows fewer members: bytes after its struct are not read. */
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

/* NULL for each pointer to options; what has no default for a member says so. */
static void test_no_options_are_options(void **state)
{
    (void)state;
    struct cramfs_plan_options options;
    struct cramfs_like_image like;
    struct cramfs_diags diags = {0};
    struct cramfs_usage usage;
    struct cramfs_view *view;
    uint64_t sizes[2];
    FILE *out = tmpfile();
    assert_non_null(out);
    cramfs_plan_options_init(&options);
    assert_int_equal(cramfs_plan_options_check(NULL, NULL), 0);
    struct cramfs_tree *tree = make_tree(20);
    unsigned char *images[] = {build(tree, &options, &sizes[0]), build(tree, NULL, &sizes[1])};
    assert_int_equal(sizes[0], sizes[1]);
    assert_memory_equal(images[0], images[1], (size_t)sizes[0]);
    assert_int_equal(cramfs_view_open_memory(images[0], sizes[0], NULL, NULL, &view), 0);
    assert_int_equal(cramfs_view_check(view, NULL, NULL), 0);
    assert_int_equal(cramfs_usage(view, &usage), 0);
    assert_int_equal(cramfs_print_map(out, view, &usage, NULL), 0);
    assert_int_equal(cramfs_print_map_svg(out, view, NULL), 0);
    assert_int_equal(cramfs_print_html(out, view, NULL, &diags), 0);
    assert_int_equal(cramfs_print_stats(NULL, &(struct cramfs_plan_summary){0}, NULL, out), 0);
    assert_int_equal(cramfs_extract(view->image, view->survey, "/nowhere/x", NULL, &diags),
                     -CRAMFS_ERR_LIMIT);
    assert_int_equal(cramfs_like_open("/dev/null", NULL, &like, &diags), -CRAMFS_ERR_USAGE);
    assert_int_equal(diags.errors, 2);
    cramfs_like_close(&like);
    cramfs_diags_free(&diags);
    cramfs_usage_free(&usage);
    cramfs_view_close(view);
    cramfs_tree_free(tree);
    fclose(out);
    free(images[0]);
    free(images[1]);
}

static void put_wrong(struct cramfs_tree *tree, const char *name, uint32_t mode, uint64_t size)
{
    struct cramfs_node *node = cramfs_tree_put(tree, tree->root, name, mode);
    assert_non_null(node);
    node->size = size;
}

/* Each is reported, and nothing is read that is not there. */
static void test_nodes_that_no_source_makes_are_errors(void **state)
{
    (void)state;
    static const char *const names[] = {"a/b", ".", "..", ""};
    struct cramfs_diags diags = {0};
    struct cramfs_plan *plan;
    struct cramfs_tree *tree = make_tree(3);
    put_wrong(tree, "typeless", 0644, 0);
    put_wrong(tree, "link", S_IFLNK | 0777, 5);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        put_wrong(tree, names[i], S_IFIFO | 0600, 0);
    assert_int_equal(cramfs_plan_create(tree, NULL, &diags, &plan), -CRAMFS_ERR_LIMIT);
    assert_null(plan);
    assert_int_equal(diags.errors, 6);
    cramfs_diags_free(&diags);
    cramfs_tree_free(tree);

    tree = make_tree(3);
    put_wrong(tree, "sourceless", S_IFREG | 0644, 5);
    assert_int_equal(cramfs_plan_create(tree, NULL, &diags, &plan), -CRAMFS_ERR_IO);
    assert_int_equal(diags.errors, 1);
    cramfs_diags_free(&diags);
    cramfs_tree_free(tree);
}

static void test_an_output_that_is_not_open_is_closed_already(void **state)
{
    (void)state;
    struct cramfs_output output = {0};
    int standard_input = dup(STDIN_FILENO);
    assert_int_equal(cramfs_output_close(NULL, false, NULL), 0);
    assert_int_equal(cramfs_output_close(&output, true, NULL), 0);
    assert_int_equal(cramfs_output_open("/nowhere/x", &output, NULL), -CRAMFS_ERR_IO);
    assert_int_equal(cramfs_output_close(&output, true, NULL), 0);
    if (standard_input >= 0) { /* it is still open, too */
        close(standard_input);
        standard_input = dup(STDIN_FILENO);
        assert_true(standard_input >= 0);
        close(standard_input);
    }
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
    cramfs_excludes_free(NULL);
    cramfs_excludes_free(&(struct cramfs_excludes){0});
    cramfs_gunzip_free(NULL);
    cramfs_inflated_free(NULL);
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
        cmocka_unit_test(test_no_options_are_options),
        cmocka_unit_test(test_nodes_that_no_source_makes_are_errors),
        cmocka_unit_test(test_an_output_that_is_not_open_is_closed_already),
        cmocka_unit_test(test_nothing_can_be_freed),
        cmocka_unit_test(test_diagnostics_print_a_line_each),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
