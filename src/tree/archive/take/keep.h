/* Copies streams to a file, for formats that need to seek. */
#ifndef CRAMFS_TREE_ARCHIVE_TAKE_KEEP_H
#define CRAMFS_TREE_ARCHIVE_TAKE_KEEP_H

#include "tree/archive/take/take.h"

/*
 * Writes the rest of the stream to a file without a name. *file is -1, or the caller closes it,
 * also after an error. Returns 0, or an error of cramfs_tree_read_archive().
 */
int keep_stream(struct archive_reading *reading, int *file, uint64_t *size);

#endif
