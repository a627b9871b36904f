/*
 * Entries of a directory that cannot be taken, and what is said of them.
 *
 * Each returns 0 when the tree allows that loss, which is then a warning; else an error, or
 * -CRAMFS_ERR_MEMORY.
 */
#ifndef CRAMFS_TREE_DIRECTORY_REFUSALS_H
#define CRAMFS_TREE_DIRECTORY_REFUSALS_H

#include "tree/directory/walking.h"

/* "cannot `what`", for the reason in errno; or that it changed, when that is the reason. */
int refuse(const struct directory_walking *walking, struct cramfs_node *node, const char *what);

/* The system says nothing of an entry, errno says why: what an earlier source has there stays. */
int refuse_unseen(const struct directory_walking *walking, const struct directory_entry *entry);

/* Through links of earlier sources, and where names are dropped, two entries come to one place. */
int refuse_second(const struct directory_walking *walking, const struct directory_entry *entry);

/* What the system says, in errno, against an entry that has no node: always an error. */
int fail_dropped(const struct directory_walking *walking, uint32_t place, const char *name);

/* The path of an entry in the source, allocated; also before the part of it that is taken. */
char *source_path(const struct directory_walking *walking, uint32_t place, const char *name);

#endif
