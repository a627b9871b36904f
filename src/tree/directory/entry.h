/* Takes one entry of a directory into the tree. */
#ifndef CRAMFS_TREE_DIRECTORY_ENTRY_H
#define CRAMFS_TREE_DIRECTORY_ENTRY_H

#include "tree/directory/walking.h"

/*
 * Takes an entry with these facts, of the directory that was found as `in`; if it is a directory,
 * it is added to the list of those to be listed. Returns 0 or an error of
 * cramfs_tree_read_directory(); after any error but -CRAMFS_ERR_MEMORY the next entry can be taken.
 */
int take_directory_entry(struct directory_walking *walking, const struct found *in,
                         const char *name, struct directory_facts *facts);

/*
 * Adds the path of an entry on this machine to the tree's inputs, if the tree has any; "" is the
 * place itself. Returns 0 or -CRAMFS_ERR_MEMORY.
 */
int add_directory_input(const struct directory_walking *walking, uint32_t place, const char *name);

#endif
