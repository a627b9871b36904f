#include "xip/rules/loader_path.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/array.h"
#include "tree/resolve.h"

bool loader_path_full(const struct loader_path *path)
{
    return path->list_count >= path->most;
}

int loader_path_add(struct loader_path *path, struct cramfs_node *node)
{
    if (!node || !S_ISDIR(node->mode) || loader_path_full(path))
        return 0;
    for (size_t i = 0; i < path->list_count; i++) {
        if (path->list[i] == node)
            return 0;
    }
    if (!ARRAY_GROW(path, list))
        return -CRAMFS_ERR_MEMORY;
    path->list[path->list_count++] = node;
    return 0;
}

static int add_resolved(struct loader_path *path, const struct cramfs_tree *tree,
                        struct cramfs_node *from, const char *name)
{
    struct cramfs_node *node;
    int error = resolve_path(tree, from, name, NULL, &node);
    return error ? error : loader_path_add(path, node);
}

const char *loader_after_origin(const char *path)
{
    static const char *const names[] = {"$ORIGIN", "${ORIGIN}"};
    for (size_t i = 0; i < 2; i++) {
        size_t length = strlen(names[i]);
        if (strncmp(path, names[i], length) == 0 && (path[length] == '/' || !path[length]))
            return path + length;
    }
    return NULL;
}

static int add_entry(struct loader_path *path, const struct cramfs_tree *tree,
                     const struct cramfs_node *file, const char *entry)
{
    const char *rest = loader_after_origin(entry);
    if (strchr(rest ? rest : entry, '$') || (!rest && entry[0] != '/'))
        return 0;
    if (rest)
        rest += strspn(rest, "/"); /* the rest is not a path from the root */
    return add_resolved(path, tree, rest ? file->parent : tree->root, rest ? rest : entry);
}

int loader_path_add_run_path(struct loader_path *path, const struct cramfs_tree *tree,
                             const struct cramfs_node *file, const char *text)
{
    char *copy = strdup(text);
    char *rest = copy;
    int error = copy ? 0 : -CRAMFS_ERR_MEMORY;
    for (char *entry; !error && !loader_path_full(path) && (entry = strsep(&rest, ":"));)
        error = add_entry(path, tree, file, entry);
    free(copy);
    return error;
}

void loader_path_free(struct loader_path *path)
{
    free(path->list);
    *path = (struct loader_path){0};
}
