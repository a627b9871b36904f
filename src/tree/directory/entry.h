/*
 * Takes one entry of a directory into the tree.
 *
 * The entry is opened, and all facts come from the open file: status, the target of a link,
 * extended attributes. So if it is replaced meanwhile, a node never has the facts of two files.
 */
#ifndef CRAMFS_TREE_DIRECTORY_ENTRY_H
#define CRAMFS_TREE_DIRECTORY_ENTRY_H

#include "tree/directory/walking.h"

/*
 * Takes the entry `name` of the open directory that was found as `in`; if it is a directory, it is
 * added to the list of those to be listed. Returns 0 or an error of cramfs_tree_read_directory();
 * after any error but -CRAMFS_ERR_MEMORY the next entry can be taken.
 */
int take_directory_entry(struct directory_walking *walking, const struct found *in, int directory,
                         const char *name);

/*
 * Adds the path of an entry on this machine to the tree's inputs, if the tree has any; "" is the
 * place itself. Returns 0 or -CRAMFS_ERR_MEMORY.
 */
int add_directory_input(const struct directory_walking *walking, uint32_t place, const char *name);

#endif
