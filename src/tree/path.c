/* Nodes by path, for sources that use paths. */
#include "tree/path.h"

#include <stdlib.h>
#include <string.h>

#include "cramfs/tree.h"

size_t path_name(const char **path, const char **name)
{
    for (;;) {
        *path += strspn(*path, "/");
        size_t length = strcspn(*path, "/");
        *name = *path;
        *path += length;
        if (length != 1 || **name != '.')
            return length;
    }
}

char *path_next(char **path)
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

struct cramfs_node *cramfs_tree_lookup(const struct cramfs_tree *tree, const char *path)
{
    char *copy = strdup(path);
    struct cramfs_node *at = copy ? tree->root : NULL;
    char *rest = copy;
    for (char *name; at && (name = path_next(&rest));)
        at = cramfs_tree_find(tree, at, name);
    free(copy);
    return at;
}
