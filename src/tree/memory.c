/* Files whose bytes the caller has in memory. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cramfs/tree.h"

static int read_memory(const struct cramfs_source *source, const struct cramfs_node *node, void *to,
                       struct cramfs_diags *diags)
{
    (void)source;
    (void)diags;
    if (node->size)
        memcpy(to, (const void *)(uintptr_t)node->source_offset, (size_t)node->size);
    return 0;
}

/* One source for all trees: a node's source_offset is the address of its bytes. */
static const struct cramfs_source memory = {.read = read_memory};

int cramfs_tree_put_file(struct cramfs_tree *tree, const char *path, uint32_t permissions,
                         const void *bytes, size_t size, struct cramfs_diags *diags,
                         struct cramfs_node **node)
{
    struct cramfs_node *file;
    int error = cramfs_tree_put_path(tree, path, S_IFREG | permissions, diags, &file);
    if (error)
        return error;
    file->source = &memory;
    file->source_offset = (uintptr_t)bytes;
    file->size = size;
    if (node)
        *node = file;
    return 0;
}

int cramfs_tree_put_link(struct cramfs_tree *tree, const char *path, const char *target,
                         struct cramfs_diags *diags, struct cramfs_node **node)
{
    char *copy = strdup(target);
    if (!copy)
        return cramfs_fail_memory(diags);
    struct cramfs_node *link;
    int error = cramfs_tree_put_path(tree, path, S_IFLNK | 0777, diags, &link);
    if (error) {
        free(copy);
        return error;
    }
    link->target = copy;
    link->size = strlen(copy);
    if (node)
        *node = link;
    return 0;
}
