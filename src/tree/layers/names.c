#include "tree/layers/names.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"

struct cramfs_layer_name {
    uint32_t layer;
    char *path; /* of the source */
};

int layer_names_add(struct cramfs_tree *tree, const char *path, struct cramfs_diags *diags)
{
    if (!ARRAY_GROW(tree, layer_names))
        return cramfs_fail_memory(diags);
    struct cramfs_layer_name *name = &tree->layer_names[tree->layer_names_count];
    *name = (struct cramfs_layer_name){tree->layer, strdup(path)};
    if (!name->path)
        return cramfs_fail_memory(diags);
    tree->layer_names_count++;
    return 0;
}

const char *layer_names_get(const struct cramfs_tree *tree, uint32_t layer)
{
    for (size_t i = tree->layer_names_count; i-- > 0;) {
        if (tree->layer_names[i].layer == layer)
            return tree->layer_names[i].path;
    }
    return "an earlier source";
}

bool layer_names_has(const struct cramfs_tree *tree)
{
    return tree->layer_names_count &&
           tree->layer_names[tree->layer_names_count - 1].layer == tree->layer;
}

void layer_names_free(struct cramfs_tree *tree)
{
    for (size_t i = 0; i < tree->layer_names_count; i++)
        free(tree->layer_names[i].path);
    free(tree->layer_names);
}
