/*
 * What is found where the next header of a tar or cpio must be. libarchive takes the end of the
 * file as the end of a tar, and looks for the next magic when a cpio's header is damaged.
 */
#ifndef CRAMFS_TREE_ARCHIVE_MARKS_H
#define CRAMFS_TREE_ARCHIVE_MARKS_H

#include "tree/archive/stream/recognise.h"

enum mark {
    MARK_HEADER,  /* of an entry, or of cpio's trailer */
    MARK_END,     /* a block of zeroes, which ends a tar */
    MARK_MISSING, /* the file ends, or a cpio has zeroes: its writer wrote no end, or it is cut */
    MARK_DAMAGED,
};

enum mark find_mark(struct stream *stream, enum content form, uint64_t at);

/*
 * Whether the header at `at` is one of cpio's "crc" form, which has the sum of the entry's bytes;
 * *sum is then that sum.
 */
bool find_sum(struct stream *stream, enum content form, uint64_t at, uint32_t *sum);

#endif
