/*
 * The bytes of an archive's entry, kept in the spool and checked.
 */
#ifndef CRAMFS_TREE_ARCHIVE_TAKE_BYTES_H
#define CRAMFS_TREE_ARCHIVE_TAKE_BYTES_H

#include "tree/archive/take/reading.h"

/* Whether its header says that the entry has bytes: those of a hard link may be with another. */
bool has_bytes(struct archive_entry *entry);

/*
 * Copies them, and gives the node its size and source. Bytes that are too many for the format are
 * not kept; the node's size says so. Returns 0 or an error of take_archive_entry().
 */
int take_bytes(struct archive_reading *reading, struct archive_entry *entry,
               struct cramfs_node *node);

#endif
