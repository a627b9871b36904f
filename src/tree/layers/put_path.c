/* Puts a node at its path, with the directories on the way. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cramfs/tree.h"
#include "tree/layers/layers.h"
#include "tree/path.h"

/*
 * Enters a directory. A missing one is made, as if the source had named it. An entry that the
 * source itself has put there is not changed.
 */
static int enter(struct cramfs_tree *tree, struct cramfs_node **at, const char *name,
                 const char *path, struct cramfs_diags *diags)
{
    struct cramfs_node *next = layers_follow(tree, cramfs_tree_find(tree, *at, name));
    int error = 0;
    if (!next || (!S_ISDIR(next->mode) && next->layer != tree->layer))
        error = layers_put(tree, *at, name, S_IFDIR | 0755, diags, &next);
    if (error == -CRAMFS_ERR_MEMORY)
        return error;
    *at = next;
    if (S_ISDIR(next->mode))
        return error;
    return cramfs_fail(diags, CRAMFS_ERR_FORMAT, path,
                       "'%s' in its path is not a directory; leave out one of the two", name);
}

static int put_components(struct cramfs_tree *tree, char *rest, const char *path, uint32_t mode,
                          struct cramfs_diags *diags, struct cramfs_node **node)
{
    struct cramfs_node *at = tree->root;
    char *name = path_next(&rest);
    while (name) {
        if (strcmp(name, "..") == 0)
            return cramfs_fail(diags, CRAMFS_ERR_FORMAT, path, "the path leads out of the tree");
        char *next = path_next(&rest);
        if (next) {
            int error = enter(tree, &at, name, path, diags);
            if (error)
                return error;
        } else {
            int error = layers_put(tree, at, name, mode, diags, &at);
            if (error)
                return error;
        }
        name = next;
    }
    if (at == tree->root && !S_ISDIR(mode))
        return cramfs_fail(diags, CRAMFS_ERR_FORMAT, path, "the root must be a directory");
    if (at == tree->root)
        at->mode = mode;
    *node = at;
    return 0;
}

int cramfs_tree_put_path(struct cramfs_tree *tree, const char *path, uint32_t mode,
                         struct cramfs_diags *diags, struct cramfs_node **node)
{
    char *copy = strdup(path);
    if (!copy)
        return cramfs_fail_memory(diags);
    int error = put_components(tree, copy, path, mode, diags, node);
    free(copy);
    return error;
}
