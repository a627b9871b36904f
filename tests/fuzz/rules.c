/*
 * Rules of what goes in place, over a small tree. What follows a line "%file" are the bytes of all
 * files in it: of a program and its libraries, and of the loader's own configuration.
 */
#include "fuzz.h"

#include <string.h>
#include <sys/stat.h>

#include "cramfs/rules.h"

static const char separator[] = "\n%file\n";

struct contents {
    struct cramfs_source base;
    const uint8_t *bytes;
    size_t size;
};

static int read_contents(const struct cramfs_source *base, const struct cramfs_node *node, void *to,
                         struct cramfs_diags *diags)
{
    (void)diags;
    const struct contents *contents = (const struct contents *)base;
    FUZZ_EXPECT(node->size == contents->size);
    memcpy(to, contents->bytes, contents->size);
    return 0;
}

static bool fill(struct cramfs_tree *tree, const struct contents *contents)
{
    static const char *const files[] = {"/bin/sh", "/lib/libc.so", "/lib/ld.so", "/etc/ld.so.conf"};
    for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
        struct cramfs_node *node;
        if (cramfs_tree_put_path(tree, files[i], S_IFREG | S_ISVTX | 0755, NULL, &node) != 0)
            return false;
        node->source = &contents->base;
        node->size = contents->size;
    }
    return cramfs_tree_finish(tree) == 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct contents contents = {{.read = read_contents}, (const uint8_t *)"", 0};
    const uint8_t *end = size ? memmem(bytes, size, separator, sizeof(separator) - 1) : NULL;
    if (end) {
        contents.bytes = end + sizeof(separator) - 1;
        contents.size = (size_t)(bytes + size - contents.bytes);
        size = (size_t)(end - bytes);
    }
    struct cramfs_diags diags = {0};
    struct cramfs_xip_rules rules = {0};
    struct cramfs_tree *tree = cramfs_tree_create();
    int error = cramfs_rules_read(&rules, fuzz_file(bytes, size), &diags);
    FUZZ_EXPECT((error != 0) == (diags.errors > 0));
    if (tree && fill(tree, &contents)) {
        cramfs_rules_apply(&rules, tree, &diags);
        cramfs_rules_apply_sticky(tree);
    }
    for (size_t i = 0; i < diags.list_count; i++)
        FUZZ_EXPECT(diags.list[i].text[0] && !strchr(diags.list[i].text, '\n'));
    cramfs_tree_free(tree);
    cramfs_rules_free(&rules);
    cramfs_diags_free(&diags);
    return 0;
}
