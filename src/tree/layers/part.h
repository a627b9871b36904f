/*
 * A part of a source, and where it goes: cramfs/tree.h explains struct cramfs_part.
 *
 * A source that is read by path calls part_place() for each entry. A walk through a directory
 * counts names itself, and reports each entry with part_count_taken() or part_count_left_out().
 */
#ifndef CRAMFS_TREE_LAYERS_PART_H
#define CRAMFS_TREE_LAYERS_PART_H

#include "cramfs/tree.h"

/*
 * The path in the tree of the entry that the source calls `path`; allocated in *to. NULL for an
 * entry outside the part. An entry with no name left, unless it is a directory, is counted as left
 * out. Returns 0, -CRAMFS_ERR_FORMAT when the part cannot be taken as asked (a file on the way to
 * the subtree; with tree->whiteouts, the deletion of a directory that the part is in), or
 * -CRAMFS_ERR_MEMORY.
 */
int part_place(struct cramfs_tree *tree, const char *path, uint32_t mode,
               struct cramfs_diags *diags, char **to);

/*
 * The same for the path that a hard link names: -CRAMFS_ERR_FORMAT when that is outside the part.
 * `path` is the link's.
 */
int part_place_target(struct cramfs_tree *tree, const char *path, const char *target,
                      struct cramfs_diags *diags, char **to);

/* Whether an entry belongs to the part; and whether it is a directory that the part is in. */
bool part_has(const struct cramfs_tree *tree, const char *path);
bool part_is_below(const struct cramfs_tree *tree, const char *path);

/* Refuses a directory that the part is in, and that is opaque. Returns -CRAMFS_ERR_FORMAT. */
int part_fail_opaque(const char *path, struct cramfs_diags *diags);

/* tree->part's `into`, as "opt/app"; or "". */
const char *part_into(const struct cramfs_tree *tree);

void part_count_taken(struct cramfs_tree *tree);

/* `path` is the entry's in the source. Returns 0 or -CRAMFS_ERR_MEMORY. */
int part_count_left_out(struct cramfs_tree *tree, const char *path);

/*
 * Begin and end a source. The end reports which entries were left out, and returns
 * -CRAMFS_ERR_FORMAT when nothing was taken.
 */
void part_begin(struct cramfs_tree *tree);
int part_end(struct cramfs_tree *tree, const char *source, struct cramfs_diags *diags);

#endif
