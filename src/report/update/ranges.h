/*
 * Where two images differ, in erase blocks.
 */
#ifndef CRAMFS_REPORT_UPDATE_RANGES_H
#define CRAMFS_REPORT_UPDATE_RANGES_H

#include "cramfs/diff.h"

/* Erase blocks from `begin` up to `end`, in bytes; `end` is at most that of the longer image. */
struct range {
    uint64_t begin;
    uint64_t end;
};

/*
 * The first range at or after `at` that differs (adjacent blocks joined), or does not: it ends
 * where that changes. Returns false when there is none.
 */
bool range_next(const struct cramfs_diff *diff, uint64_t at, bool differs, struct range *range);

/* The end of the erase block that begins at `begin`, in the longer image. */
uint64_t range_block_end(const struct cramfs_diff *diff, uint64_t begin);

/*
 * The bytes of one image in [begin, end), as far as it has them: *length says how many. NULL when
 * it has none.
 */
const unsigned char *range_bytes(const struct cramfs_diff *diff, int side, uint64_t begin,
                                 uint64_t end, size_t *length);

/* Whether both images have the same bytes there, and as many. */
bool range_same(const struct cramfs_diff *diff, uint64_t begin, uint64_t end);

/* Returns 0, or -CRAMFS_ERR_USAGE with a diagnostic for each image whose bytes are swapped. */
int range_check_swap(const struct cramfs_diff *diff, struct cramfs_diags *diags);

#endif
