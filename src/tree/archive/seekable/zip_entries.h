/*
 * Comparisons that libarchive does not make in a zip: the names of entries, which are both in its
 * directory and in the local headers; and the CRCs of symbolic links, whose targets are stored like
 * the bytes of files.
 */
#ifndef CRAMFS_TREE_ARCHIVE_SEEKABLE_ZIP_ENTRIES_H
#define CRAMFS_TREE_ARCHIVE_SEEKABLE_ZIP_ENTRIES_H

#include "tree/archive/seekable/zip_end.h"
#include "tree/archive/stream/reader.h"
#include "tree/archive/take/take.h"

/*
 * Makes them for each entry of a known directory. Entries that are not sound are left to
 * libarchive, which reports them. Returns 0, -CRAMFS_ERR_IO, -CRAMFS_ERR_FORMAT or
 * -CRAMFS_ERR_MEMORY.
 */
int check_zip_entries(const struct extent_reader *from, const struct zip_end *zip,
                      const struct archive_reading *reading);

#endif
