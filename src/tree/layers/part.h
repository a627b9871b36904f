/*
 * A part of a source, and where it goes: cramfs/tree.h has the meaning of struct cramfs_part.
 *
 * What is read by path asks part_place() for each entry. A walk that goes down by itself, as that
 * of a directory does, counts names instead, and says with part_count_taken() and
 * part_count_left_out() what became of an entry.
 */
#ifndef CRAMFS_TREE_LAYERS_PART_H
#define CRAMFS_TREE_LAYERS_PART_H

#include "cramfs/tree.h"

/*
 * The path in the tree of the entry that the source calls `path`; allocated in *to. NULL for what
 * is not of the part. What is no directory, and has no name left, is counted as left out. Returns
 * 0, -CRAMFS_ERR_FORMAT for what makes the part something else (a file on the way to the subtree,
 * with tree->whiteouts the deletion of what the part is in), or -CRAMFS_ERR_MEMORY.
 */
int part_place(struct cramfs_tree *tree, const char *path, uint32_t mode,
               struct cramfs_diags *diags, char **to);

/*
 * The same of the path that a hard link names: -CRAMFS_ERR_FORMAT when it is outside the part.
 * `path` is the link's.
 */
int part_place_target(struct cramfs_tree *tree, const char *path, const char *target,
                      struct cramfs_diags *diags, char **to);

/* Whether an entry is of the part; and whether it is a directory that the part is in. */
bool part_has(const struct cramfs_tree *tree, const char *path);
bool part_is_below(const struct cramfs_tree *tree, const char *path);

/* A directory that the part is in, and that overlayfs calls opaque. Returns -CRAMFS_ERR_FORMAT. */
int part_fail_opaque(const char *path, struct cramfs_diags *diags);

/* "opt/app" of tree->part, or "". */
const char *part_into(const struct cramfs_tree *tree);

void part_count_taken(struct cramfs_tree *tree);

/* `path` is the entry's in the source. Returns 0 or -CRAMFS_ERR_MEMORY. */
int part_count_left_out(struct cramfs_tree *tree, const char *path);

/*
 * Begin and end a source. The end reports what was left out, and returns -CRAMFS_ERR_FORMAT when
 * nothing was taken.
 */
void part_begin(struct cramfs_tree *tree);
int part_end(struct cramfs_tree *tree, const char *source, struct cramfs_diags *diags);

#endif
