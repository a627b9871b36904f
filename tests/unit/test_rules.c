#include "unit.h"

#include <elf.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../support/guard.h"
#include "cramfs/rules.h"
#include "tree/glob.h"
#include "xip/program/elf_dynamic.h"

/* -- globs ------------------------------------------------------------------------------------ */

static uint32_t random_state;

static unsigned random_below(unsigned count)
{
    random_state = random_state * 1664525u + 1013904223u;
    return (random_state >> 16) % count;
}

static void random_text(const char *letters, char *text, unsigned most)
{
    unsigned length = 1 + random_below(most);
    for (unsigned i = 0; i < length; i++)
        text[i] = letters[random_below((unsigned)strlen(letters))];
    text[length] = '\0';
}

/* The rule of the documents, in short: the end of the path that has as many '/' as the glob. */
static bool matches_by_the_book(const char *pattern, const char *path)
{
    bool whole = pattern[0] == '/';
    bool matches = fnmatch(pattern + whole, path, FNM_PATHNAME) == 0;
    for (const char *at = path; !whole && !matches && (at = strchr(at, '/'));)
        matches = fnmatch(pattern, ++at, FNM_PATHNAME) == 0;
    return matches;
}

static void globs_fit_what_fnmatch_fits(void **state)
{
    (void)state;
    random_state = 7;
    unsigned matching = 0;
    for (unsigned i = 0; i < 300000; i++) {
        char pattern[12];
        char path[12];
        random_text("aab/*?[]!\\-", pattern, 8);
        random_text("aaab/]", path, 8);
        if (path[0] == '/' || path[strlen(path) - 1] == '/' || strstr(path, "//") || !pattern[1])
            continue;
        /* A '/' in brackets has no defined meaning: fnmatch() may refuse the pattern or not. */
        if (strchr(pattern, '[') && strchr(pattern, '/'))
            continue;
        struct glob glob;
        struct glob_path glob_path = {.text = path, .length = strlen(path)};
        for (const char *at = path; (at = strchr(at, '/')); at++)
            glob_path.slashes++;
        glob_init(&glob, pattern);
        if (glob_matches(&glob, &glob_path) != matches_by_the_book(pattern, path))
            fail_msg("'%s' and '%s', number %u", pattern, path, i);
        matching += glob_matches(&glob, &glob_path);
    }
    assert_true(matching > 1000);
}

/* -- the dynamic section ---------------------------------------------------------------------- */

enum { BASE = 0x10000, STRINGS = 0x100, DYNAMIC = 0x140, FILE_SIZE = 0x200 };

static const char strings[] = "\0liba.so\0libb.so\0/opt:$ORIGIN\0/rpath\0/lib/ld.so";

struct sample {
    Elf64_Ehdr header;
    Elf64_Phdr load;
    Elf64_Phdr dynamic;
    Elf64_Phdr interpreter;
};

_Static_assert(sizeof(struct sample) <= STRINGS, "the headers fit in front");

/* A file in the byte order of this machine. */
static void make_file(unsigned char file[FILE_SIZE])
{
    const uint16_t one = 1;
    bool little = *(const unsigned char *)&one == 1;
    const struct sample sample = {
        .header = {.e_ident = {0x7f, 'E', 'L', 'F', ELFCLASS64, little ? ELFDATA2LSB : ELFDATA2MSB,
                               EV_CURRENT},
                   .e_type = ET_DYN,
                   .e_machine = EM_AARCH64,
                   .e_version = EV_CURRENT,
                   .e_phoff = offsetof(struct sample, load),
                   .e_ehsize = sizeof(Elf64_Ehdr),
                   .e_phentsize = sizeof(Elf64_Phdr),
                   .e_phnum = 3},
        .load = {PT_LOAD, PF_R, 0, BASE, BASE, FILE_SIZE, FILE_SIZE, 4096},
        .dynamic = {PT_DYNAMIC, PF_R, DYNAMIC, 0, 0, FILE_SIZE - DYNAMIC, FILE_SIZE - DYNAMIC, 8},
        .interpreter = {PT_INTERP, PF_R, STRINGS + 37, 0, 0, 11, 11, 1},
    };
    const Elf64_Dyn entries[] = {
        {DT_NEEDED, {1}},
        {DT_NEEDED, {9}},
        {DT_RUNPATH, {17}},
        {DT_RPATH, {30}},
        {DT_STRTAB, {BASE + STRINGS}},
        {DT_STRSZ, {sizeof(strings)}},
        {DT_NULL, {0}},
        {DT_NEEDED, {99999}},
    };
    memset(file, 0, FILE_SIZE);
    memcpy(file, &sample, sizeof(sample));
    memcpy(file + STRINGS, strings, sizeof(strings));
    memcpy(file + DYNAMIC, entries, sizeof(entries));
}

static void the_dynamic_section_is_read_without_sections(void **state)
{
    (void)state;
    unsigned char file[FILE_SIZE];
    struct elf_dynamic dynamic;
    make_file(file);
    assert_int_equal(elf_dynamic_read(file, sizeof(file), &dynamic), 0);
    assert_null(dynamic.fault);
    assert_int_equal(dynamic.machine.class, ELFCLASS64);
    assert_int_equal(dynamic.machine.number, EM_AARCH64);
    assert_string_equal(dynamic.interpreter, "/lib/ld.so");
    assert_string_equal(dynamic.run_path, "/opt:$ORIGIN");
    assert_true(dynamic.is_runpath && !dynamic.is_rpath);
    assert_int_equal(dynamic.needed_count, 2);
    assert_string_equal(dynamic.needed[0], "liba.so");
    assert_string_equal(dynamic.needed[1], "libb.so");
    elf_dynamic_free(&dynamic);
}

/* The strings end where the file does, and the file at a page that cannot be read. */
static void expect_inside(const unsigned char *file, size_t size)
{
    struct elf_dynamic dynamic;
    const char *end = (const char *)file + size;
    assert_int_equal(elf_dynamic_read(file, size, &dynamic), 0);
    if (dynamic.interpreter)
        assert_true(dynamic.interpreter + strlen(dynamic.interpreter) < end);
    if (dynamic.run_path)
        assert_true(dynamic.run_path + strlen(dynamic.run_path) < end);
    for (size_t i = 0; i < dynamic.needed_count; i++)
        assert_true(dynamic.needed[i] + strlen(dynamic.needed[i]) < end);
    elf_dynamic_free(&dynamic);
}

static void a_file_cut_anywhere_is_not_read_behind_its_end(void **state)
{
    (void)state;
    unsigned char file[FILE_SIZE];
    struct guard guard = guard_open(FILE_SIZE);
    make_file(file);
    for (size_t size = 0; size <= FILE_SIZE; size++)
        expect_inside(guard_copy(&guard, file, size), size);
    guard_close(&guard);
}

static void a_file_with_any_byte_changed_is_not_read_outside(void **state)
{
    (void)state;
    unsigned char file[FILE_SIZE];
    static const unsigned char values[] = {0, 1, 0x7f, 0x80, 0xff};
    struct guard guard = guard_open(FILE_SIZE);
    make_file(file);
    for (size_t i = 0; i < FILE_SIZE * COUNT(values); i++) {
        unsigned char *copy = guard_copy(&guard, file, FILE_SIZE);
        copy[i / COUNT(values)] = values[i % COUNT(values)];
        expect_inside(copy, FILE_SIZE);
    }
    guard_close(&guard);
}

/* -- rules ------------------------------------------------------------------------------------ */

static struct cramfs_xip_rules read_rules(const char *text, int expected)
{
    char path[] = "/tmp/cramfs-xip-rules-XXXXXX";
    struct cramfs_xip_rules rules = {0};
    int file = mkstemp(path);
    assert_true(file >= 0);
    assert_int_equal(write(file, text, strlen(text)), (ssize_t)strlen(text));
    close(file);
    int error = cramfs_rules_read(&rules, path, NULL);
    unlink(path);
    assert_int_equal(error, expected);
    return rules;
}

static void each_line_is_a_glob_and_its_words(void **state)
{
    (void)state;
    struct cramfs_xip_rules rules =
        read_rules("# no\r\n\n a\\ b\tneeds  in-place #x\r\n\\#c stored\n"
                   "d\\\\ text\n/e compressed\nf readonly",
                   0);
    static const struct {
        const char *glob;
        enum cramfs_xip xip;
        const char *line;
    } expected[] = {
        {"a\\ b", CRAMFS_XIP_FILE, ":3"}, {"\\#c", CRAMFS_XIP_STORED, ":4"},
        {"d\\\\", CRAMFS_XIP_TEXT, ":5"}, {"/e", CRAMFS_XIP_NONE, ":6"},
        {"f", CRAMFS_XIP_READONLY, ":7"},
    };
    assert_int_equal(rules.list_count, COUNT(expected));
    for (size_t i = 0; i < COUNT(expected); i++) {
        assert_string_equal(rules.list[i].glob, expected[i].glob);
        assert_int_equal(rules.list[i].xip, expected[i].xip);
        assert_string_equal(strrchr(rules.list[i].where, ':'), expected[i].line);
        assert_int_equal(rules.list[i].needs, i == 0);
    }
    cramfs_rules_free(&rules);
}

static void lines_behind_a_wrong_one_are_read(void **state)
{
    (void)state;
    struct cramfs_xip_rules rules =
        read_rules("a\nb text\nc text text\nd stored\n", -CRAMFS_ERR_FORMAT);
    assert_int_equal(rules.list_count, 2);
    cramfs_rules_free(&rules);
}

/* Each step looks at the end of a path only; one at its whole would take hours here. */
static void a_tree_of_any_depth_is_matched(void **state)
{
    (void)state;
    struct cramfs_xip_rules rules =
        read_rules("/d/d/d/x text\nd/d/f text\nd/f readonly\n/e stored\n", 0);
    struct cramfs_tree *tree = cramfs_tree_create();
    struct cramfs_node *node = tree->root;
    for (int i = 0; i < 200000; i++)
        node = cramfs_tree_put(tree, node, "d", S_IFDIR | 0755);
    node = cramfs_tree_put(tree, node, "f", S_IFREG | 0644);
    assert_non_null(node);
    assert_int_equal(cramfs_tree_finish(tree), 0);
    struct cramfs_diags diags = {0};
    assert_int_equal(cramfs_rules_apply(&rules, tree, &diags), 0);
    assert_ptr_equal(node->xip_rule, rules.list[1].where);
    assert_int_equal(diags.list_count, 3); /* two match nothing, one decides nothing */
    cramfs_diags_free(&diags);
    cramfs_tree_free(tree);
    cramfs_rules_free(&rules);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(globs_fit_what_fnmatch_fits),
        cmocka_unit_test(the_dynamic_section_is_read_without_sections),
        cmocka_unit_test(a_file_cut_anywhere_is_not_read_behind_its_end),
        cmocka_unit_test(a_file_with_any_byte_changed_is_not_read_outside),
        cmocka_unit_test(each_line_is_a_glob_and_its_words),
        cmocka_unit_test(lines_behind_a_wrong_one_are_read),
        cmocka_unit_test(a_tree_of_any_depth_is_matched),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
