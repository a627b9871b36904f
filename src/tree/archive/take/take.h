/* Takes one entry of an archive, as libarchive gives it, into the tree. */
#ifndef CRAMFS_TREE_ARCHIVE_TAKE_TAKE_H
#define CRAMFS_TREE_ARCHIVE_TAKE_TAKE_H

#include "tree/archive/take/reading.h"

/*
 * Returns 0, -CRAMFS_ERR_IO, -CRAMFS_ERR_MEMORY, or -CRAMFS_ERR_FORMAT for an entry that no tree
 * can hold; others can be taken after it.
 */
int take_archive_entry(struct archive_reading *reading, struct archive_entry *entry);

#endif
