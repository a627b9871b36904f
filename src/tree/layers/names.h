/* The names of the sources of a tree's layers, for messages. */
#ifndef CRAMFS_TREE_LAYERS_NAMES_H
#define CRAMFS_TREE_LAYERS_NAMES_H

#include "cramfs/tree.h"

/* Sets the name of the source of tree->layer to `path`. Returns 0 or -CRAMFS_ERR_MEMORY. */
int layer_names_add(struct cramfs_tree *tree, const char *path, struct cramfs_diags *diags);

/* "what came before" for nodes that the program that uses the library put. */
const char *layer_names_get(const struct cramfs_tree *tree, uint32_t layer);

/* Whether a source is being read; otherwise that program puts nodes. */
bool layer_names_has(const struct cramfs_tree *tree);

void layer_names_free(struct cramfs_tree *tree);

#endif
