/*
 * Whiteouts: entries by which a layer of a container image, or the upper directory of an overlayfs,
 * deletes entries of the layers below it.
 *
 *     .wh.NAME       a file: NAME beside it is deleted (OCI, Docker, AUFS)
 *     .wh..wh..opq   a file: all that is in its directory is deleted
 *     NAME           a character device 0:0: NAME is deleted (overlayfs)
 *     overlay.opaque an attribute of a directory: all that is in it is deleted (overlayfs)
 *
 * Entries of the layer itself stay, in whatever order they come.
 */
#ifndef CRAMFS_TREE_LAYERS_WHITEOUTS_H
#define CRAMFS_TREE_LAYERS_WHITEOUTS_H

#include "cramfs/tree.h"

/*
 * Ends a source that could be read, called `path`. If tree->whiteouts is set, the entries that it
 * marks are deleted; otherwise a warning says how many marks it has. The next source is another
 * layer. Returns 0, -CRAMFS_ERR_MEMORY, or the errors of layers_end().
 */
int whiteouts_end_source(struct cramfs_tree *tree, const char *path, struct cramfs_diags *diags);

/* Whether an attribute with that name and value marks a directory as opaque. */
bool whiteouts_is_opaque(const char *name, const void *value, size_t length);

#endif
