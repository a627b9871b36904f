/*
 * The CRCs of symbolic links in a zip, whose targets are stored as a file's bytes are. libarchive
 * compares those of files only.
 */
#ifndef CRAMFS_TREE_ARCHIVE_SEEKABLE_ZIP_LINKS_H
#define CRAMFS_TREE_ARCHIVE_SEEKABLE_ZIP_LINKS_H

#include "tree/archive/seekable/zip_end.h"
#include "tree/archive/stream/reader.h"
#include "tree/archive/take/take.h"

/*
 * Compares them for each link of a directory that is known. What is no sound entry is left for
 * libarchive to complain of. Returns 0, -CRAMFS_ERR_IO, -CRAMFS_ERR_FORMAT or -CRAMFS_ERR_MEMORY.
 */
int check_zip_links(const struct extent_reader *from, const struct zip_end *zip,
                    const struct archive_reading *reading);

#endif
