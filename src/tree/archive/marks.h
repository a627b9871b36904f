/*
 * What is found where the next header of a tar or cpio is due. libarchive takes the end of the file
 * for the end of a tar, and looks for the next magic when a cpio's header is damaged.
 */
#ifndef CRAMFS_TREE_ARCHIVE_MARKS_H
#define CRAMFS_TREE_ARCHIVE_MARKS_H

#include "tree/archive/stream/recognise.h"

enum mark {
    MARK_HEADER,  /* of an entry, or of cpio's trailer */
    MARK_END,     /* a block of zeroes, which ends a tar */
    MARK_MISSING, /* nothing more, or of a cpio zeroes: its writer wrote no end, or it is cut */
    MARK_DAMAGED,
};

enum mark find_mark(struct stream *stream, enum content form, uint64_t at);

/*
 * Whether the header at `at` is one of cpio's "crc" form, whose number is the sum of the bytes of
 * the entry; it is then in *sum.
 */
bool find_sum(struct stream *stream, enum content form, uint64_t at, uint32_t *sum);

#endif
