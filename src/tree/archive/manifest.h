/*
 * An mtree manifest, which is read through the same streams as archives: it may be compressed.
 */
#ifndef CRAMFS_TREE_ARCHIVE_MANIFEST_H
#define CRAMFS_TREE_ARCHIVE_MANIFEST_H

#include "tree/archive/take/take.h"

/* Whether what is at the stream's position reads as one. */
bool is_manifest(struct stream *stream);

/* Reads all that is left of the stream as one, with mtree_read(). */
int read_manifest(struct archive_reading *reading);

#endif
