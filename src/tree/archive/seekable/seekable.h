/*
 * Archives that libarchive must seek in: zip, 7z, ISO 9660 and rarer formats. If they do not come
 * from a file, they are first copied to one: without its directory, a zip has no modes and no
 * links.
 */
#ifndef CRAMFS_TREE_ARCHIVE_SEEKABLE_SEEKABLE_H
#define CRAMFS_TREE_ARCHIVE_SEEKABLE_SEEKABLE_H

#include "tree/archive/stream/recognise.h"
#include "tree/archive/take/take.h"

/* Whether the stream reads a file in which one can seek. */
bool seekable_can_seek(const struct stream *stream);

/*
 * Reads the rest of the stream as one archive. Returns 0 or an error of cramfs_tree_read_archive().
 */
int read_seekable_archive(struct archive_reading *reading, enum content content);

#endif
