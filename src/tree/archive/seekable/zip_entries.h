/*
 * What libarchive does not compare in a zip: the names of entries, which its directory and their
 * own headers have, and the CRCs of symbolic links, whose targets are stored as a file's bytes are.
 */
#ifndef CRAMFS_TREE_ARCHIVE_SEEKABLE_ZIP_ENTRIES_H
#define CRAMFS_TREE_ARCHIVE_SEEKABLE_ZIP_ENTRIES_H

#include "tree/archive/seekable/zip_end.h"
#include "tree/archive/stream/reader.h"
#include "tree/archive/take/take.h"

/*
 * Compares them for each entry of a directory that is known. What is no sound entry is left for
 * libarchive to complain of. Returns 0, -CRAMFS_ERR_IO, -CRAMFS_ERR_FORMAT or -CRAMFS_ERR_MEMORY.
 */
int check_zip_entries(const struct extent_reader *from, const struct zip_end *zip,
                      const struct archive_reading *reading);

#endif
