/*
 * The ELF files of two images, segment by segment.
 */
#ifndef CRAMFS_REPORT_DIFF_SEGMENTS_H
#define CRAMFS_REPORT_DIFF_SEGMENTS_H

#include "cramfs/diff.h"
#include "report/block_reader.h"

/*
 * A segment, or the part of the file outside of all segments, in bytes of the file. The k-th
 * segment with some flags in the old file is compared with the k-th segment with these flags in the
 * new one.
 */
struct segment_row {
    uint64_t bytes[2]; /* old and new */
    bool there[2];     /* in the old file, in the new one */
    int64_t number;    /* of the new file's program header, or the old one's; -1: no segment */
    uint32_t flags;    /* CRAMFS_ELF_ */
};

struct segment_rows {
    struct segment_row *list; /* in the order of their numbers, the rest of the file last */
    size_t list_count;
    size_t list_capacity;
};

/*
 * The numbers of the changes in which an ELF file has another size or other bytes, most bytes
 * gained or lost first, then in the order of paths. Returns 0 or -CRAMFS_ERR_MEMORY; the caller
 * frees *list in any case.
 */
int segments_find_files(const struct cramfs_diff *diff, struct block_reader *reader, size_t **list,
                        size_t *count);

/*
 * Reads both files of a change. No rows when one of them has no segments that can be read. Returns
 * 0 or -CRAMFS_ERR_MEMORY; the caller frees rows->list in any case.
 */
int segments_compare(const struct cramfs_diff *diff, const struct cramfs_change *change,
                     struct block_reader *reader, struct segment_rows *rows);

#endif
