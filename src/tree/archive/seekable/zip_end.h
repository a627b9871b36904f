/*
 * The end of a zip, where its directory is found. libarchive looks for it as well, but reports
 * neither bytes before or after the zip, nor whether it read all entries.
 */
#ifndef CRAMFS_TREE_ARCHIVE_SEEKABLE_ZIP_END_H
#define CRAMFS_TREE_ARCHIVE_SEEKABLE_ZIP_END_H

#include <stdbool.h>
#include <stdint.h>

struct zip_end {
    uint64_t end;     /* of the zip; only zeroes follow */
    uint64_t prefix;  /* bytes before it, which do not belong to the zip */
    uint64_t entries; /* how many its directory has */
    uint64_t offset;  /* of the directory, from the beginning */
    uint64_t size;    /* of the directory */
    bool known;       /* all members but `end` are set */
};

/*
 * Searches a file from `begin` to `end`. `*found`: there is a directory. False with errno when the
 * file cannot be read.
 */
bool find_zip_end(int file, uint64_t begin, uint64_t end, struct zip_end *zip, bool *found);

#endif
