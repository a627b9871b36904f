/*
 * The end of a zip, where its directory is found. libarchive looks for it as well, but neither says
 * what comes before or after, nor whether it read as many entries as there are.
 */
#ifndef CRAMFS_TREE_ARCHIVE_SEEKABLE_ZIP_END_H
#define CRAMFS_TREE_ARCHIVE_SEEKABLE_ZIP_END_H

#include <stdbool.h>
#include <stdint.h>

struct zip_end {
    uint64_t end;     /* of the zip; after it are only zeroes */
    uint64_t prefix;  /* bytes before it, which are not the zip's */
    uint64_t entries; /* that its directory has */
    uint64_t offset;  /* of the directory, from the beginning */
    uint64_t size;    /* of the directory */
    bool known;       /* all but the end is */
};

/*
 * Looks from `begin` to `end` in a file. `*found` says whether a directory is there. False with
 * errno when the file cannot be read.
 */
bool find_zip_end(int file, uint64_t begin, uint64_t end, struct zip_end *zip, bool *found);

#endif
