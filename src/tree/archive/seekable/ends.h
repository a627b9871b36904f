/*
 * Checks of archives that libarchive reads by itself. libarchive does not report when the end is
 * missing, when something follows it, or when it has not found all entries.
 */
#ifndef CRAMFS_TREE_ARCHIVE_SEEKABLE_ENDS_H
#define CRAMFS_TREE_ARCHIVE_SEEKABLE_ENDS_H

#include "tree/archive/stream/reader.h"
#include "tree/archive/stream/recognise.h"
#include "tree/archive/take/take.h"

struct whole {
    struct archive_reading *reading;
    enum content content;
    struct extent_reader from;
    uint64_t padding; /* of an ar: from here on there are only zeroes */
    int kept;         /* our own file with the bytes of a pipe; -1: none */
    uint64_t entries_expected;
    bool entries_known;
    uint64_t entries_count;
};

/* Reports "cannot read the archive", with the reason. Returns -CRAMFS_ERR_IO. */
int whole_fail(const struct whole *whole, const char *what);

/* Call it before the first entry; it may move from.end back to where padding begins. */
int whole_check_before(struct whole *whole);

/* Call it after the last entry. */
int whole_check_after(struct whole *whole);

#endif
