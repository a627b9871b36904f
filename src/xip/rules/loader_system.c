/* The directories in which every program's libraries are looked for. */
#include <string.h>
#include <sys/stat.h>

#include "tree/resolve.h"
#include "xip/rules/loader_path.h"

/* "arm-linux-gnueabihf", "x86_64-linux-musl": each machine's loader knows its own name. */
static bool is_multiarch(const char *name)
{
    return strstr(name, "-linux-") != NULL;
}

static int add_multiarch(struct loader_path *path, const struct cramfs_node *directory)
{
    int error = 0;
    for (size_t i = 0; !error && i < directory->children_count; i++) {
        if (is_multiarch(directory->children[i]->name))
            error = loader_path_add(path, directory->children[i]);
    }
    return error;
}

int loader_path_add_system(struct loader_path *path, const struct cramfs_tree *tree)
{
    static const char *const usual[] = {"/lib", "/usr/lib", "/lib64", "/usr/lib64"};
    enum { COUNT = sizeof(usual) / sizeof(usual[0]) };
    struct cramfs_node *nodes[COUNT];
    int error = loader_path_add_configuration(path, tree, "/etc/ld.so.conf");
    for (size_t i = 0; !error && i < COUNT; i++) {
        error = resolve_path(tree, tree->root, usual[i], NULL, &nodes[i]);
        if (!error)
            error = loader_path_add(path, nodes[i]);
    }
    for (size_t i = 0; !error && i < COUNT; i++) {
        if (nodes[i] && S_ISDIR(nodes[i]->mode))
            error = add_multiarch(path, nodes[i]);
    }
    return error;
}
