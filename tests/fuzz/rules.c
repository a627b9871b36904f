/*
 * Rules over a small tree. The bytes after a line "%elf" are a program of the tree and its
 * libraries, and the text after "%conf" is its /etc/ld.so.conf: both are untrusted.
 */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cramfs/exclude.h"
#include "cramfs/rules.h"

struct part {
    struct cramfs_source base;
    const uint8_t *bytes;
    size_t size;
};

static int read_part(const struct cramfs_source *base, const struct cramfs_node *node, void *to,
                     struct cramfs_diags *diags)
{
    (void)diags;
    const struct part *part = (const struct part *)base;
    FUZZ_EXPECT(node->size == part->size);
    memcpy(to, part->bytes, part->size);
    return 0;
}

/* Cuts off what follows a separator. */
static struct part cut(const uint8_t *bytes, size_t *size, const char *separator)
{
    struct part part = {.base = {read_part, NULL, NULL}};
    const uint8_t *end = *size ? memmem(bytes, *size, separator, strlen(separator)) : NULL;
    if (end) {
        part.bytes = end + strlen(separator);
        part.size = (size_t)(bytes + *size - part.bytes);
        *size = (size_t)(end - bytes);
    }
    return part;
}

static bool fill(struct cramfs_tree *tree, const struct part *program, const struct part *conf)
{
    static const struct {
        const char *path;
        uint32_t mode;
        const char *target;
    } entries[] = {
        {"/bin/app", S_IFREG | 0755, NULL},
        {"/lib/liba.so", S_IFREG | 0755, NULL},
        {"/lib/ld.so", S_IFLNK, "liba.so"},
        {"/lib/x-linux-y/libb.so", S_IFREG, NULL},
        {"/opt/twice.so", S_IFREG, NULL},
        {"/odd/twice.so", S_IFREG | S_ISVTX, NULL},
        {"/link", S_IFLNK, "opt"},
        {"/loop", S_IFLNK, "loop"},
        {"/etc/ld.so.conf", S_IFREG, NULL},
        {"/etc/b.conf", S_IFREG, NULL},
        {"/share/ x", S_IFREG | S_ISVTX, NULL},
        {"/dev/null", S_IFCHR, NULL},
    };
    for (size_t i = 0; i < sizeof(entries) / sizeof(*entries); i++) {
        struct cramfs_node *node;
        if (cramfs_tree_put_path(tree, entries[i].path, entries[i].mode, NULL, &node) != 0)
            return false;
        const struct part *part = strncmp(entries[i].path, "/etc/", 5) == 0 ? conf : program;
        if (S_ISREG(node->mode)) {
            node->source = &part->base;
            node->size = part->size;
        }
        if (entries[i].target) {
            node->target = strdup(entries[i].target);
            node->size = strlen(entries[i].target);
        }
        if (entries[i].target && !node->target)
            return false;
    }
    return cramfs_tree_finish(tree) == 0;
}

/* The first rule whose glob matches, as --exclude does; the number of rules for none. */
static size_t first_rule(const struct cramfs_xip_rules *rules, const char *path)
{
    for (size_t i = 0; i < rules->list_count; i++) {
        struct cramfs_exclude glob = {.pattern = rules->list[i].glob};
        struct cramfs_excludes globs = {.list = &glob, .list_count = 1};
        bool found = cramfs_excludes_match(&globs, path) == 1;
        cramfs_excludes_free(&globs);
        if (found)
            return i;
    }
    return rules->list_count;
}

static void expect_decided(const struct cramfs_xip_rules *rules, const struct cramfs_node *node)
{
    char *path = cramfs_node_path(node);
    size_t first = path ? first_rule(rules, path) : 0;
    size_t rule = 0;
    bool needs = false; /* of an earlier rule, which then may win */
    while (rule < rules->list_count && rules->list[rule].where != node->xip_rule)
        rule++;
    for (size_t i = 0; i < first; i++)
        needs |= rules->list[i].needs;
    if (path && S_ISREG(node->mode)) {
        FUZZ_EXPECT(needs ? rule <= first : rule == first);
        FUZZ_EXPECT(rule == first || rules->list[rule].needs);
        FUZZ_EXPECT(rule < rules->list_count ? node->xip == rules->list[rule].xip
                                             : !node->xip_rule);
    } else {
        FUZZ_EXPECT(!node->xip && !node->xip_rule);
    }
    free(path);
}

/* Too many rules are skipped: comparing each with each path would take most of the time. */
enum { MOST_RULES = 64 };

static void expect_sound(const struct cramfs_xip_rules *rules, struct cramfs_tree *tree)
{
    for (uint32_t i = 0; i < tree->nodes_count && rules->list_count <= MOST_RULES; i++)
        expect_decided(rules, tree->nodes[i]);
    cramfs_rules_apply_sticky(tree, "the sticky bit");
    for (uint32_t i = 0; i < tree->nodes_count; i++) {
        const struct cramfs_node *node = tree->nodes[i];
        bool sticky = S_ISREG(node->mode) && (node->mode & S_ISVTX);
        FUZZ_EXPECT(!sticky || node->xip_rule);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct part program = cut(bytes, &size, "\n%elf\n");
    struct part conf = cut(program.bytes, &program.size, "\n%conf\n");
    struct cramfs_diags diags = {0};
    struct cramfs_xip_rules rules = {0};
    struct cramfs_tree *tree = cramfs_tree_create();
    if (tree && fill(tree, &program, &conf)) {
        int error = cramfs_rules_read(&rules, fuzz_file(bytes, size), &diags);
        FUZZ_EXPECT((error != 0) == (diags.errors > 0));
        size_t errors = diags.errors;
        error = cramfs_rules_apply(&rules, tree, &diags);
        FUZZ_EXPECT((error != 0) == (diags.errors > errors));
        if (!error)
            expect_sound(&rules, tree);
    }
    for (size_t i = 0; i < diags.list_count; i++)
        FUZZ_EXPECT(diags.list[i].text[0] && !strchr(diags.list[i].text, '\n'));
    cramfs_diags_free(&diags);
    cramfs_rules_free(&rules);
    cramfs_tree_free(tree);
    return 0;
}
