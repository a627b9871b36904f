/*
 * What a tree keeps of its layers: what messages call their sources.
 */
#ifndef CRAMFS_TREE_LAYERS_NAMES_H
#define CRAMFS_TREE_LAYERS_NAMES_H

#include "cramfs/tree.h"

/* Calls the source of tree->layer `path`. Returns 0 or -CRAMFS_ERR_MEMORY. */
int layer_names_add(struct cramfs_tree *tree, const char *path, struct cramfs_diags *diags);

/* "what came before" for what the program that uses the library put. */
const char *layer_names_get(const struct cramfs_tree *tree, uint32_t layer);

/* Whether a source is at work, and not that program. */
bool layer_names_has(const struct cramfs_tree *tree);

void layer_names_free(struct cramfs_tree *tree);

#endif
