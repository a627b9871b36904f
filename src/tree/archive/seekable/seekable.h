/*
 * Archives that libarchive reads by itself, since it must seek in them: zip, 7z, ISO 9660 and the
 * rarer ones. What does not come from a file is kept in one first: a zip without its directory has
 * no modes and no links.
 */
#ifndef CRAMFS_TREE_ARCHIVE_SEEKABLE_SEEKABLE_H
#define CRAMFS_TREE_ARCHIVE_SEEKABLE_SEEKABLE_H

#include "tree/archive/stream/recognise.h"
#include "tree/archive/take/take.h"

/* Whether the stream is of a file in which one can seek. */
bool seekable_can_seek(const struct stream *stream);

/*
 * Reads all that is left of the stream as one archive. Returns 0 or an error of
 * cramfs_tree_read_archive().
 */
int read_seekable_archive(struct archive_reading *reading, enum content content);

#endif
