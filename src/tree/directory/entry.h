/*
 * One entry of a directory, taken into the tree.
 *
 * It is opened once, with O_PATH, and all that is said of it comes from there: status, the target
 * of a link, extended attributes. So whoever puts something else in its place meanwhile cannot have
 * the facts of two files in one node.
 */
#ifndef CRAMFS_TREE_DIRECTORY_ENTRY_H
#define CRAMFS_TREE_DIRECTORY_ENTRY_H

#include "tree/directory/walking.h"

/*
 * Takes the entry `name` of the open directory that was found as `in`; a directory among them waits
 * to be listed. Returns 0 or an error of cramfs_tree_read_directory(), after all of which but
 * -CRAMFS_ERR_MEMORY the next entry can be taken.
 */
int take_directory_entry(struct directory_walking *walking, const struct found *in, int directory,
                         const char *name);

/*
 * Adds where an entry is on this machine to the tree's inputs, when it has some; "" is the place
 * itself. Returns 0 or -CRAMFS_ERR_MEMORY.
 */
int add_directory_input(const struct directory_walking *walking, uint32_t place, const char *name);

#endif
