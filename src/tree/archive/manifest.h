/* Reads an mtree manifest through the same streams as archives, so it may be compressed. */
#ifndef CRAMFS_TREE_ARCHIVE_MANIFEST_H
#define CRAMFS_TREE_ARCHIVE_MANIFEST_H

#include "tree/archive/take/take.h"

/* Whether the bytes at the stream's position are a manifest. */
bool is_manifest(struct stream *stream);

/* Reads the rest of the stream as a manifest, with mtree_read(). */
int read_manifest(struct archive_reading *reading);

#endif
