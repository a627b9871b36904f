/*
 * The bytes of an archive's entry, kept in the spool and checked.
 */
#ifndef CRAMFS_TREE_ARCHIVE_TAKE_BYTES_H
#define CRAMFS_TREE_ARCHIVE_TAKE_BYTES_H

#include "tree/archive/take/reading.h"

/* Whether its header says that the entry has bytes; another name of a hard link may have them. */
bool has_bytes(struct archive_entry *entry);

/*
 * Copies them, and sets the node's size and source. If there are more than the format allows, they
 * are not kept; the node's size says so. Returns 0 or an error of take_archive_entry().
 */
int take_bytes(struct archive_reading *reading, struct archive_entry *entry,
               struct cramfs_node *node);

#endif
