/*
 * Nodes by path, for sources that name them so.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cramfs/tree.h"

/* Cuts the next component off *path, in place; NULL at the end. "" and "." are passed over. */
static char *next_component(char **path)
{
    while (*path) {
        char *component = *path;
        char *slash = strchr(component, '/');
        if (slash)
            *slash = '\0';
        *path = slash ? slash + 1 : NULL;
        if (*component && strcmp(component, ".") != 0)
            return component;
    }
    return NULL;
}

/* Goes on to a directory, which is made where there is none. */
static int enter(struct cramfs_tree *tree, struct cramfs_node **at, const char *name,
                 const char *path, struct cramfs_diags *diags)
{
    struct cramfs_node *next = cramfs_tree_find(tree, *at, name);
    if (!next)
        next = cramfs_tree_put(tree, *at, name, S_IFDIR | 0755);
    if (!next)
        return cramfs_fail_memory(diags);
    *at = next;
    if (S_ISDIR(next->mode))
        return 0;
    return cramfs_fail(diags, CRAMFS_ERR_FORMAT, path,
                       "'%s' on the way to it is no directory; leave it out of what comes before",
                       name);
}

static int put_components(struct cramfs_tree *tree, char *rest, const char *path, uint32_t mode,
                          struct cramfs_diags *diags, struct cramfs_node **node)
{
    struct cramfs_node *at = tree->root;
    char *name = next_component(&rest);
    while (name) {
        if (strcmp(name, "..") == 0)
            return cramfs_fail(diags, CRAMFS_ERR_FORMAT, path, "the path leads out of the tree");
        char *next = next_component(&rest);
        if (next) {
            int error = enter(tree, &at, name, path, diags);
            if (error)
                return error;
        } else {
            at = cramfs_tree_put(tree, at, name, mode);
            if (!at)
                return cramfs_fail_memory(diags);
        }
        name = next;
    }
    if (at == tree->root && !S_ISDIR(mode))
        return cramfs_fail(diags, CRAMFS_ERR_FORMAT, path, "the root can only be a directory");
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

struct cramfs_node *cramfs_tree_lookup(const struct cramfs_tree *tree, const char *path)
{
    char *copy = strdup(path);
    struct cramfs_node *at = copy ? tree->root : NULL;
    char *rest = copy;
    for (char *name; at && (name = next_component(&rest));)
        at = cramfs_tree_find(tree, at, name);
    free(copy);
    return at;
}
