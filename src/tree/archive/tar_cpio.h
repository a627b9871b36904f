/*
 * tars and cpios: their entries follow each other, so they are read from a stream, and other
 * archives may follow.
 */
#ifndef CRAMFS_TREE_ARCHIVE_TAR_CPIO_H
#define CRAMFS_TREE_ARCHIVE_TAR_CPIO_H

#include "tree/archive/stream/recognise.h"
#include "tree/archive/take/take.h"

/*
 * Reads one archive, of the form that recognise() found. The stream is then at its end, where
 * another may begin. Returns 0 or an error of cramfs_tree_read_archive().
 */
int read_tar_or_cpio(struct archive_reading *reading, enum content form);

#endif
