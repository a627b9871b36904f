/*
 * Whiteouts: entries by which a layer of a container image, or the upper directory of an overlayfs,
 * says that something of the layers below it is deleted.
 *
 *     .wh.NAME       a file: NAME beside it is deleted (OCI, Docker, AUFS)
 *     .wh..wh..opq   a file: all that is in its directory is deleted
 *     NAME           a character device 0:0: NAME is deleted (overlayfs)
 *     overlay.opaque an attribute of a directory: all that is in it is deleted (overlayfs)
 *
 * What the layer itself has stays, in whatever order.
 */
#ifndef CRAMFS_TREE_LAYERS_WHITEOUTS_H
#define CRAMFS_TREE_LAYERS_WHITEOUTS_H

#include "cramfs/tree.h"

/*
 * Ends a source that could be read, called `path`: what it marked so is deleted when
 * tree->whiteouts is set, and else a warning says how many such entries it has. The next source is
 * another layer. Returns 0, -CRAMFS_ERR_MEMORY, or what layers_end() does.
 */
int whiteouts_end_source(struct cramfs_tree *tree, const char *path, struct cramfs_diags *diags);

/* Whether an attribute of that name and value says that a directory is opaque. */
bool whiteouts_is_opaque(const char *name, const void *value, size_t length);

#endif
