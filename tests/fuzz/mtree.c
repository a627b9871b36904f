/*
 * An mtree manifest as the source of a tree, and the bytes of the files that it names, which are in
 * a small directory of our own.
 */
#include "fuzz.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cramfs/tree.h"

static char root[] = "/tmp/cramfs-fuzz.XXXXXX";

static void remove_root(void)
{
    int directory = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    unlinkat(directory, "d/g", 0);
    unlinkat(directory, "d", AT_REMOVEDIR);
    unlinkat(directory, "f", 0);
    unlinkat(directory, "l", 0);
    close(directory);
    rmdir(root);
}

static bool make_file(int directory, const char *name, const char *text)
{
    int file = openat(directory, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    bool made = file >= 0 && write(file, text, strlen(text)) == (ssize_t)strlen(text);
    close(file);
    return made;
}

/* The same for all inputs: f and d/g, files of five bytes, and l, a link to d/g. */
static void make_root(void)
{
    static bool made;
    if (made)
        return;
    made = true;
    FUZZ_EXPECT(mkdtemp(root));
    int directory = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    FUZZ_EXPECT(mkdirat(directory, "d", 0755) == 0);
    FUZZ_EXPECT(make_file(directory, "f", "hello") && make_file(directory, "d/g", "world"));
    FUZZ_EXPECT(symlinkat("d/g", directory, "l") == 0);
    close(directory);
    atexit(remove_root);
}

static void read_files(const struct cramfs_tree *tree)
{
    for (uint32_t i = 0; i < tree->nodes_count; i++) {
        const struct cramfs_node *node = tree->nodes[i];
        FUZZ_EXPECT(!node->parent || (node->name[0] && !strchr(node->name, '/')));
        FUZZ_EXPECT(!S_ISLNK(node->mode) || node->size == strlen(node->target));
        if (!S_ISREG(node->mode))
            continue;
        FUZZ_EXPECT(node->size <= 5); /* there are no longer ones */
        char bytes[5];
        if (node->size)
            node->source->read(node->source, node, bytes, NULL);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    make_root();
    struct cramfs_diags diags = {0};
    struct cramfs_tree *tree = cramfs_tree_create();
    /* An input that is not a manifest is another archive, which another target tests. */
    if (tree && size >= 6 && memcmp(bytes, "#mtree", 6) == 0) {
        tree->mtree_root = root;
        int error = cramfs_tree_read_archive(tree, fuzz_file(bytes, size), &diags);
        FUZZ_EXPECT((error != 0) == (diags.errors > 0));
        if (!error && cramfs_tree_finish(tree) == 0)
            read_files(tree);
    }
    for (size_t i = 0; i < diags.list_count; i++)
        FUZZ_EXPECT(diags.list[i].text[0] && !strchr(diags.list[i].text, '\n'));
    cramfs_diags_free(&diags);
    cramfs_tree_free(tree);
    return 0;
}
