#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cramfs/format.h"
#include "cramfs/owners.h"
#include "cramfs/tree.h"

static struct cramfs_tree *tree; /* of the current test */

static struct cramfs_node *add(struct cramfs_node *parent, const char *name, uint32_t mode)
{
    struct cramfs_node *node = cramfs_tree_put(tree, parent, name, mode);
    assert_non_null(node);
    return node;
}

static void nodes_are_in_path_order_by_unsigned_bytes(void **state)
{
    (void)state;
    tree = cramfs_tree_create();
    struct cramfs_node *b = add(tree->root, "b", S_IFDIR | 0755);
    add(tree->root, "\xc3\xa9", S_IFREG);
    add(tree->root, "b.c", S_IFREG);
    add(tree->root, "a", S_IFREG);
    add(tree->root, "B", S_IFREG);
    add(tree->root, "ab", S_IFREG);
    add(b, "z", S_IFREG);
    assert_int_equal(cramfs_tree_finish(tree), 0);
    static const char *const expected[] = {"/",  "/B",   "/a",   "/ab",
                                           "/b", "/b/z", "/b.c", "/\xc3\xa9"};
    assert_int_equal(tree->nodes_count, COUNT(expected));
    for (uint32_t i = 0; i < tree->nodes_count; i++) {
        char *path = cramfs_node_path(tree->nodes[i]);
        assert_string_equal(path, expected[i]);
        assert_int_equal(tree->nodes[i]->number, i);
        free(path);
    }
    cramfs_tree_free(tree);
}

static void a_tree_of_any_depth_is_listed_and_freed(void **state)
{
    (void)state;
    tree = cramfs_tree_create();
    struct cramfs_node *node = tree->root;
    for (int i = 0; i < 200000; i++)
        node = add(node, "d", S_IFDIR | 0755);
    assert_int_equal(cramfs_tree_finish(tree), 0);
    assert_int_equal(tree->nodes_count, 200001);
    cramfs_tree_free(tree);
}

static void directory_size_counts_padded_names(void **state)
{
    (void)state;
    tree = cramfs_tree_create();
    add(tree->root, "1234", S_IFREG);
    add(tree->root, "12345", S_IFREG);
    assert_int_equal(cramfs_directory_size(tree->root), 12 + 4 + 12 + 8);
    cramfs_tree_free(tree);
}

/* The fields of one node of a case, and whether it fits the format. */
struct limit {
    uint32_t mode;
    uint32_t uid, gid, major, minor;
    uint64_t size;
    size_t name_length;
    const char *complaint; /* a part of it; NULL when the node fits */
};

static void each_limit_holds_at_it_and_one_past_it(void **state)
{
    (void)state;
    static const struct limit cases[] = {
        {S_IFREG, 65535, 0, 0, 0, 0, 1, NULL},
        {S_IFREG, 65536, 0, 0, 0, 0, 1, "uid 65536 is over the format's limit of 65535"},
        {S_IFREG, 0, 255, 0, 0, 0, 1, NULL},
        {S_IFREG, 0, 256, 0, 0, 0, 1, "gid 256 is over the format's limit of 255; chgrp it"},
        {S_IFREG, 0, 0, 0, 0, (1 << 24) - 1, 1, NULL},
        {S_IFREG, 0, 0, 0, 0, 1 << 24, 1,
         "16777216 bytes, over the format's limit of 16777215 bytes"},
        {S_IFREG, 0, 0, 0, 0, 0, 252, NULL},
        {S_IFREG, 0, 0, 0, 0, 0, 253, "253 bytes, over the format's limit of 252 bytes"},
        {S_IFCHR, 0, 0, 255, 255, 0, 1, NULL},
        {S_IFCHR, 0, 0, 10, 300, 0, 1, "device 10:300"},
        {S_IFBLK, 0, 0, 256, 0, 0, 1, "device 256:0"},
        {S_IFLNK, 0, 0, 0, 0, 1, 1, NULL},
        {S_IFLNK, 0, 0, 0, 0, 0, 1, "target is empty"},
        {S_IFLNK, 0, 0, 0, 0, 4095, 1, NULL},
        {S_IFLNK, 0, 0, 0, 0, 4096, 1,
         "target has 4096 bytes, over the kernel's limit of 4095 bytes"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        tree = cramfs_tree_create();
        struct cramfs_diags diags = {0};
        char name[300] = {0};
        memset(name, 'n', cases[i].name_length);
        struct cramfs_node *node = add(tree->root, name, cases[i].mode);
        node->uid = cases[i].uid;
        node->gid = cases[i].gid;
        node->major = cases[i].major;
        node->minor = cases[i].minor;
        node->size = cases[i].size;
        if (S_ISLNK(node->mode))
            node->target = calloc((size_t)node->size + 1, 1);
        assert_int_equal(cramfs_tree_finish(tree), 0);
        int error = cramfs_tree_fit(tree, 4096, &diags);
        assert_int_equal(error, cases[i].complaint ? -CRAMFS_ERR_LIMIT : 0);
        assert_int_equal(diags.list_count, cases[i].complaint ? 1 : 0);
        if (cases[i].complaint)
            assert_non_null(strstr(diags.list[0].text, cases[i].complaint));
        cramfs_diags_free(&diags);
        cramfs_tree_free(tree);
    }
}

static void all_limits_are_told_at_once(void **state)
{
    (void)state;
    tree = cramfs_tree_create();
    struct cramfs_diags diags = {0};
    add(tree->root, "a", S_IFREG)->gid = 1000;
    struct cramfs_node *both = add(tree->root, "b", S_IFREG);
    both->uid = 70000;
    both->gid = 300;
    assert_int_equal(cramfs_tree_finish(tree), 0);
    assert_int_equal(cramfs_tree_fit(tree, 4096, &diags), -CRAMFS_ERR_LIMIT);
    assert_int_equal(diags.errors, 3);
    assert_int_equal(cramfs_tree_fit(tree, 4096, NULL), -CRAMFS_ERR_LIMIT);
    const struct cramfs_id_rule root = {.all = true};
    assert_int_equal(cramfs_tree_map_owners(tree, &root, &root, NULL), 0);
    assert_int_equal(cramfs_tree_fit(tree, 4096, NULL), 0);
    cramfs_diags_free(&diags);
    cramfs_tree_free(tree);
}

static void a_directory_of_16_mib_is_too_large(void **state)
{
    (void)state;
    tree = cramfs_tree_create();
    struct cramfs_diags diags = {0};
    /* Entries of 264 bytes: 63550 fit below 2^24, one more does not. */
    char name[253] = {0};
    for (int i = 0; i < 63551; i++) {
        memset(name, 'n', 252);
        snprintf(name, sizeof(name), "%06d", i);
        name[6] = 'n';
        add(tree->root, name, S_IFREG);
        if (i == 63549) {
            assert_int_equal(cramfs_tree_finish(tree), 0);
            assert_int_equal(cramfs_tree_fit(tree, 4096, &diags), 0);
        }
    }
    assert_int_equal(cramfs_tree_finish(tree), 0);
    assert_int_equal(cramfs_tree_fit(tree, 4096, &diags), -CRAMFS_ERR_LIMIT);
    assert_non_null(strstr(diags.list[0].text, "63551 entries take 16777464 bytes"));
    cramfs_diags_free(&diags);
    cramfs_tree_free(tree);
}

static void owners_are_mapped_and_what_no_map_has_is_moved(void **state)
{
    (void)state;
    tree = cramfs_tree_create();
    struct cramfs_diags diags = {0};
    static const uint32_t before[] = {0, 1000, 1001, 5};
    static const uint32_t behind[] = {7, 0, 901, 12};
    for (size_t i = 0; i < COUNT(before); i++) {
        char name[2] = {(char)('a' + i), 0};
        add(tree->root, name, S_IFREG)->uid = before[i];
    }
    tree->root->uid = 1000;
    /* The first matching map decides, and the offset does not apply to mapped ids. */
    const struct cramfs_id_map maps[] = {{0, 7}, {1000, 0}, {0, 8}, {5, 12}};
    const struct cramfs_id_rule uid = {.maps = maps, .maps_count = COUNT(maps), .offset = -100};
    const struct cramfs_id_rule same = {0};
    assert_int_equal(cramfs_tree_map_owners(tree, &uid, &same, &diags), 0);
    assert_int_equal(cramfs_tree_finish(tree), 0);
    for (size_t i = 0; i < COUNT(behind); i++)
        assert_int_equal(tree->root->children[i]->uid, behind[i]);
    /* 7 - 100 is below 0, and so are 0 and 12 less 100: three errors; 901 becomes valid. */
    const struct cramfs_id_rule down = {.offset = -100};
    assert_int_equal(cramfs_tree_map_owners(tree, &down, &same, &diags), -CRAMFS_ERR_LIMIT);
    assert_int_equal(diags.errors, 4); /* the root has 0, too */
    assert_int_equal(tree->root->children[2]->uid, 801);
    cramfs_diags_free(&diags);
    cramfs_tree_free(tree);
}

static void a_node_that_is_put_again_is_fresh(void **state)
{
    (void)state;
    tree = cramfs_tree_create();
    struct cramfs_node *node = NULL;
    struct cramfs_diags diags = {0};
    assert_int_equal(cramfs_tree_put_path(tree, "/a/./b//c", S_IFREG | 0600, &diags, &node), 0);
    node->uid = 5;
    assert_ptr_equal(cramfs_tree_lookup(tree, "a/b/c"), node);
    struct cramfs_node *again;
    assert_int_equal(cramfs_tree_put_path(tree, "a/b/c", S_IFREG | 0644, &diags, &again), 0);
    assert_ptr_equal(again, node);
    assert_int_equal(again->uid, 0);
    /* A directory in its place of a directory keeps what is below; a file does not. */
    assert_int_equal(cramfs_tree_put_path(tree, "a/b", S_IFDIR | 0711, &diags, &again), 0);
    assert_non_null(cramfs_tree_lookup(tree, "a/b/c"));
    assert_int_equal(cramfs_tree_put_path(tree, "a/b", S_IFREG, &diags, &again), 0);
    assert_null(cramfs_tree_lookup(tree, "a/b/c"));
    assert_int_equal(cramfs_tree_put_path(tree, "a/b", S_IFDIR, &diags, &again), 0);
    assert_null(cramfs_tree_lookup(tree, "a/b/c"));
    assert_int_equal(cramfs_tree_finish(tree), 0);
    assert_int_equal(tree->nodes_count, 3);
    unsigned listed = 0;
    for (struct cramfs_node *each = NULL; (each = cramfs_tree_next(tree, each));)
        listed++;
    assert_int_equal(listed, 3);
    assert_int_equal(diags.list_count, 0);
    cramfs_tree_free(tree);
}

static void files_and_links_come_from_memory(void **state)
{
    (void)state;
    static const char text[] = "welcome\n";
    char target[] = "motd";
    char bytes[sizeof(text)];
    struct cramfs_node *file;
    struct cramfs_node *link;
    tree = cramfs_tree_create();
    assert_int_equal(
        cramfs_tree_put_file(tree, "/etc/motd", 04755, text, sizeof(text), NULL, &file), 0);
    assert_int_equal(cramfs_tree_put_file(tree, "empty", 0600, NULL, 0, NULL, NULL), 0);
    assert_int_equal(cramfs_tree_put_link(tree, "etc/issue", target, NULL, &link), 0);
    memset(target, 0, sizeof(target)); /* it was copied */
    assert_int_equal(file->mode, S_IFREG | 04755);
    assert_int_equal(file->size, sizeof(text));
    assert_int_equal(file->source->read(file->source, file, bytes, NULL), 0);
    assert_string_equal(bytes, text);
    assert_int_equal(link->mode, S_IFLNK | 0777);
    assert_int_equal(link->size, 4);
    assert_string_equal(link->target, "motd");
    assert_int_equal(cramfs_tree_lookup(tree, "empty")->size, 0);
    assert_int_equal(cramfs_tree_put_file(tree, "etc/motd/x", 0644, text, 1, NULL, NULL),
                     -CRAMFS_ERR_FORMAT);
    assert_int_equal(cramfs_tree_put_link(tree, "../x", "y", NULL, NULL), -CRAMFS_ERR_FORMAT);
    cramfs_tree_free(tree);
}

static void patterns_fit_the_path_that_the_tree_will_have(void **state)
{
    (void)state;
    static const struct {
        const char *pattern;
        const char *path;
        bool excluded;
    } cases[] = {
        {"/a/b", "./a//b", true},      {"/a/b", "a/./b/", true},
        {"a/b", "//x/a/.//b/c", true}, {"b", "a/b", true},
        {"/b", "a/b", false},          {"*", ".", false},
        {"a/b", "a", false},           {"a/b", "xa/b", false},
        {"x*/b", "./xa/b/y", true},    {"/*", "/deep/er/still", true},
        {"..", "a/../b", true},        {"?", "", false},
        {"/a/b", "c/a/b", false},      {"/a", "aa", false},
        {"*/*/*", "a/b", false},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct cramfs_exclude list[] = {{"no such name", 0}, {cases[i].pattern, 0}};
        struct cramfs_excludes excludes = {.list = list, .list_count = COUNT(list)};
        if (cramfs_excludes_match(&excludes, cases[i].path) != cases[i].excluded)
            fail_msg("%s and %s", cases[i].pattern, cases[i].path);
        cramfs_excludes_free(&excludes);
        assert_int_equal(list[0].matches, 0);
        assert_int_equal(list[1].matches, cases[i].excluded);
    }
}

static void all_patterns_that_match_count_it(void **state)
{
    (void)state;
    struct cramfs_exclude list[] = {{"*.o", 0}, {"/a.o", 0}, {"b.o", 0}};
    struct cramfs_excludes excludes = {.list = list, .list_count = 2};
    assert_int_equal(cramfs_excludes_match(&excludes, "a.o"), 1);
    excludes.list_count = 3; /* the list may grow */
    assert_int_equal(cramfs_excludes_match(&excludes, "x/b.o"), 1);
    assert_int_equal(list[0].matches, 2);
    assert_int_equal(list[1].matches, 1);
    assert_int_equal(list[2].matches, 1);
    cramfs_excludes_free(&excludes);
}

static void patterns_are_taken_as_users_write_them(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"/etc/keys/", "/etc/keys"},
        {"keys/", "keys"},
        {"./keys", "/keys"},
        {"./a/../b", "/a/../b"},
        {"a//b/./c", "a/b/c"},
        {".hidden", ".hidden"},
        {"*.o", "*.o"},
        {"././x//", "/x"},
        {"/", ""},
        {"./", ""},
        {".", ""},
        {"", ""},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        char *pattern = cramfs_exclude_pattern(cases[i][0]);
        assert_string_equal(pattern, cases[i][1]);
        free(pattern);
    }
}

static void patterns_fit_a_name_in_its_directory_as_its_path(void **state)
{
    (void)state;
    static const char *const patterns[] = {"/a",  "a",      "/a/b",   "a/b", "b/c",  "/b/c",
                                           "*/c", "/*/*/c", "/a/*/?", "c",   "/*/*", "a/b/c/d"};
    static const char *const paths[] = {"a", "b", "a/b", "a/b/c", "x/a/b", "a/b/b/c", "x/y/z/b/c"};
    tree = cramfs_tree_create();
    for (size_t i = 0; i < COUNT(paths); i++) {
        struct cramfs_node *node;
        assert_int_equal(cramfs_tree_put_path(tree, paths[i], S_IFDIR, NULL, &node), 0);
        for (size_t j = 0; j < COUNT(patterns); j++) {
            struct cramfs_exclude list[] = {{patterns[j], 0}};
            struct cramfs_excludes excludes = {.list = list, .list_count = 1};
            /* What a directory on the way makes of it is known before it is entered. */
            char *parent = cramfs_node_path(node->parent);
            bool entered = !cramfs_excludes_match(&excludes, parent);
            bool excluded = cramfs_excludes_match(&excludes, paths[i]);
            if (entered &&
                cramfs_excludes_match_in(&excludes, node->parent, node->name) != excluded)
                fail_msg("%s and %s", patterns[j], paths[i]);
            cramfs_excludes_free(&excludes);
            free(parent);
        }
    }
    assert_false(cramfs_excludes_match_in(NULL, tree->root, "a"));
    cramfs_tree_free(tree);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nodes_are_in_path_order_by_unsigned_bytes),
        cmocka_unit_test(a_tree_of_any_depth_is_listed_and_freed),
        cmocka_unit_test(directory_size_counts_padded_names),
        cmocka_unit_test(each_limit_holds_at_it_and_one_past_it),
        cmocka_unit_test(all_limits_are_told_at_once),
        cmocka_unit_test(a_directory_of_16_mib_is_too_large),
        cmocka_unit_test(owners_are_mapped_and_what_no_map_has_is_moved),
        cmocka_unit_test(a_node_that_is_put_again_is_fresh),
        cmocka_unit_test(files_and_links_come_from_memory),
        cmocka_unit_test(patterns_fit_the_path_that_the_tree_will_have),
        cmocka_unit_test(all_patterns_that_match_count_it),
        cmocka_unit_test(patterns_are_taken_as_users_write_them),
        cmocka_unit_test(patterns_fit_a_name_in_its_directory_as_its_path),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
