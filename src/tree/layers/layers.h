/*
 * Layers: each source is laid over what the sources before it have.
 *
 * What a later source names takes the place of the entry that has its name. Three things are not
 * taken so lightly, since one entry would cost others that nobody named:
 *
 *     a directory over a link that leads to a directory of the tree is merged with that directory;
 *     a directory over any other entry is CRAMFS_LOSS_REPLACE;
 *     so is what is no directory, over a directory in which an earlier source has something, or
 *     over a link of an earlier source that leads to a directory, unless it is a link itself.
 *
 * Within one source the last entry of a name wins, with a warning of what was below that name;
 * second.h has what is not of a name.
 */
#ifndef CRAMFS_TREE_LAYERS_LAYERS_H
#define CRAMFS_TREE_LAYERS_LAYERS_H

#include "cramfs/tree.h"

/* Begins a source, which messages call `path`. Returns 0 or -CRAMFS_ERR_MEMORY. */
int layers_begin(struct cramfs_tree *tree, const char *path, struct cramfs_diags *diags);

/*
 * Ends the source, whose whiteouts are applied: what is put next is of no source, or of the next.
 * Returns 0, or -CRAMFS_ERR_FORMAT for a loss by a device that might have been a whiteout.
 */
int layers_end(struct cramfs_tree *tree, struct cramfs_diags *diags);

/*
 * cramfs_tree_put() by these rules: *node may be another directory than the name says. Returns 0,
 * -CRAMFS_ERR_MEMORY or -CRAMFS_ERR_FORMAT for a loss that the tree does not allow; *node is set,
 * then, too, so that the rest of the source can be read.
 */
int layers_put(struct cramfs_tree *tree, struct cramfs_node *parent, const char *name,
               uint32_t mode, struct cramfs_diags *diags, struct cramfs_node **node);

/*
 * What a source finds in the place of a node: where a link of an earlier source leads when that is
 * a directory, else the node itself. NULL stays NULL.
 */
struct cramfs_node *layers_follow(const struct cramfs_tree *tree, struct cramfs_node *node);

/* cramfs_tree_lookup() with layers_follow() on the way, but for the last name. */
struct cramfs_node *layers_lookup(const struct cramfs_tree *tree, const char *path);

/*
 * The path that an entry of the source at work will have, with layers_follow() on the way;
 * allocated. NULL when memory runs out.
 */
char *layers_path(const struct cramfs_tree *tree, const char *path);

#endif
