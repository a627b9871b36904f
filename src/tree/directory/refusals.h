/*
 * Reports entries of a directory that cannot be taken.
 *
 * Each function returns 0 when the tree allows that loss, which is then a warning; otherwise an
 * error, or -CRAMFS_ERR_MEMORY.
 */
#ifndef CRAMFS_TREE_DIRECTORY_REFUSALS_H
#define CRAMFS_TREE_DIRECTORY_REFUSALS_H

#include "tree/directory/walking.h"

/* Reports "cannot `what`", with errno; or that the file changed, if errno says so. */
int refuse(const struct directory_walking *walking, struct cramfs_node *node, const char *what);

/* The system cannot read an entry, with errno; an entry of an earlier source at its place stays. */
int refuse_unseen(const struct directory_walking *walking, const struct directory_entry *entry);

/*
 * Two entries can get the same place through links of earlier sources, and where names are dropped.
 */
int refuse_second(const struct directory_walking *walking, const struct directory_entry *entry);

/* Reports errno for an entry that has no node: always an error. */
int fail_dropped(const struct directory_walking *walking, uint32_t place, const char *name);

/* The path of an entry in the source, allocated; also of an entry above the part that is taken. */
char *source_path(const struct directory_walking *walking, uint32_t place, const char *name);

#endif
