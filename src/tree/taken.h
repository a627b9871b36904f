/*
 * Limits how many bytes the files of archives and images have together: a few bytes of one can
 * expand to any number, which would fill a disk, or keep a builder busy for days.
 */
#ifndef CRAMFS_TREE_TAKEN_H
#define CRAMFS_TREE_TAKEN_H

#include "cramfs/tree.h"

/* Counts bytes of a file of the source at `path`. Returns 0 or -CRAMFS_ERR_LIMIT. */
int taken_count(struct cramfs_tree *tree, uint64_t bytes, const char *path,
                struct cramfs_diags *diags);

/* The same error, for more than tree->most_bytes of something else. */
int taken_fail(struct cramfs_tree *tree, const char *path, struct cramfs_diags *diags);

#endif
