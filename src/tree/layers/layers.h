/*
 * Layers: each source is laid over the entries of the sources before it.
 *
 * An entry of a later source replaces the entry with its name. In three cases that would remove
 * entries that the source does not name:
 *
 *     a directory over a link that leads to a directory of the tree is merged with that directory;
 *     a directory over any other entry is CRAMFS_LOSS_REPLACE;
 *     so is any entry but a directory, over a directory in which an earlier source has something;
 *     and over a link of an earlier source that leads to a directory, unless it is a link itself.
 *
 * Within one source the last entry of a name wins, with a warning about what was below that name;
 * for entries with different names in one place see second.h.
 */
#ifndef CRAMFS_TREE_LAYERS_LAYERS_H
#define CRAMFS_TREE_LAYERS_LAYERS_H

#include "cramfs/tree.h"

/* Begins a source, which messages call `path`. Returns 0 or -CRAMFS_ERR_MEMORY. */
int layers_begin(struct cramfs_tree *tree, const char *path, struct cramfs_diags *diags);

/*
 * Ends the source, and applies its whiteouts: nodes put next belong to no source, or to the next.
 * Returns 0, or -CRAMFS_ERR_FORMAT for a loss by a device that might have been a whiteout.
 */
int layers_end(struct cramfs_tree *tree, struct cramfs_diags *diags);

/*
 * cramfs_tree_put() by these rules: *node may be in another directory than the name says. Returns
 * 0, -CRAMFS_ERR_MEMORY or -CRAMFS_ERR_FORMAT for a loss that the tree does not allow; *node is set
 * then, too, so that the rest of the source can be read.
 */
int layers_put(struct cramfs_tree *tree, struct cramfs_node *parent, const char *name,
               uint32_t mode, struct cramfs_diags *diags, struct cramfs_node **node);

/*
 * The node that a source finds at a node's place: the directory that a link of an earlier source
 * leads to, else the node itself. NULL stays NULL.
 */
struct cramfs_node *layers_follow(const struct cramfs_tree *tree, struct cramfs_node *node);

/* cramfs_tree_lookup() with layers_follow() for every name but the last. */
struct cramfs_node *layers_lookup(const struct cramfs_tree *tree, const char *path);

/*
 * The path that an entry of the current source will have, with layers_follow() on the way;
 * allocated. NULL when memory runs out.
 */
char *layers_path(const struct cramfs_tree *tree, const char *path);

#endif
