/*
 * Two entries of one source that come to one place, so that one of them would be lost: through
 * links of earlier sources, and where names are dropped. Two directories are merged.
 */
#ifndef CRAMFS_TREE_LAYERS_SECOND_H
#define CRAMFS_TREE_LAYERS_SECOND_H

#include "cramfs/tree.h"

/*
 * For a source that names each entry once. `there` is the node at the entry's place, or NULL;
 * `mode` is the entry's, and `path` its path in the source, which messages call `source`. Returns
 * 0, or -CRAMFS_ERR_FORMAT when `there` is from the same source, and the tree does not allow
 * CRAMFS_LOSS_REPLACE.
 */
int second_refuse(const struct cramfs_tree *tree, const struct cramfs_node *there, uint32_t mode,
                  const char *source, const char *path, struct cramfs_diags *diags);

/*
 * The same for a source that may name an entry again by the same path; the second then replaces the
 * first. `there` has been given its path with second_name().
 */
int second_refuse_other(const struct cramfs_tree *tree, const struct cramfs_node *there,
                        uint32_t mode, const char *source, const char *path,
                        struct cramfs_diags *diags);

/* The hash of the source's root; not 0, since 0 means that a node has no path. */
enum { SECOND_ROOT = 1 };

/* The hash of a path below a directory with the hash `above`; "./a//b" is "a/b". */
uint64_t second_hash(uint64_t above, const char *path);

/* Whether the source calls the node by a path with another hash. False while the node has none. */
bool second_is_other(const struct cramfs_node *node, uint64_t hash);

/* Sets the path that the source calls `node` by; "./a//b" is "a/b". */
void second_name(struct cramfs_node *node, const char *path);

#endif
