/*
 * An archive as the source of a tree, and the bytes of its files. libarchive reads the formats;
 * this tests our handling of odd entries that it lets pass.
 */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cramfs/tree.h"

/* Of all files together: a few bytes of an archive can be 16 MiB of zeroes each. */
enum { MOST_BYTES = 20 << 20 };

static void read_files(const struct cramfs_tree *tree)
{
    uint64_t total = 0;
    for (uint32_t i = 0; i < tree->nodes_count; i++) {
        const struct cramfs_node *node = tree->nodes[i];
        FUZZ_EXPECT(!node->parent || (node->name[0] && !strchr(node->name, '/')));
        FUZZ_EXPECT(!S_ISLNK(node->mode) || node->size == strlen(node->target));
        if (!S_ISREG(node->mode) || !node->size || total + node->size > MOST_BYTES)
            continue;
        total += node->size;
        FUZZ_EXPECT(node->source);
        void *file = malloc((size_t)node->size);
        if (file)
            FUZZ_EXPECT(node->source->read(node->source, node, file, NULL) == 0);
        free(file);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct cramfs_diags diags = {0};
    struct cramfs_tree *tree = cramfs_tree_create();
    if (tree) {
        tree->mtree_root = "/nowhere"; /* manifests have a target of their own */
        int error = cramfs_tree_read_archive(tree, fuzz_file(bytes, size), &diags);
        FUZZ_EXPECT((error != 0) == (diags.errors > 0));
        /* A tree that does not fit the format is never built. */
        if (!error && cramfs_tree_finish(tree) == 0 && cramfs_tree_fit(tree, 4096, &diags) == 0)
            read_files(tree);
    }
    cramfs_diags_free(&diags);
    cramfs_tree_free(tree);
    return 0;
}
