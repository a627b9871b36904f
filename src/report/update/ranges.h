/*
 * Where two images differ, in erase blocks.
 */
#ifndef CRAMFS_REPORT_UPDATE_RANGES_H
#define CRAMFS_REPORT_UPDATE_RANGES_H

#include "cramfs/diff.h"
#include "report/update/sha256.h"

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

/*
 * For the bytes of one image in [begin, end), as the flash has them: their number, and their
 * SHA-256 as sha256_hex() writes it; "-" when there are none. Returns 0 or -CRAMFS_ERR_MEMORY.
 */
int range_digest(const struct cramfs_diff *diff, int side, uint64_t begin, uint64_t end,
                 size_t *length, char to[SHA256_HEX_SIZE]);

/*
 * The bytes themselves, as the flash has them: the bytes of an image with swapped words are
 * swapped. The caller frees *copy, also after an error. Returns 0 or -CRAMFS_ERR_MEMORY.
 */
int range_stored(const struct cramfs_diff *diff, int side, uint64_t begin, uint64_t end,
                 size_t *length, const unsigned char **bytes, void **copy);

/* Whether both images have the same bytes there, and as many. */
bool range_same(const struct cramfs_diff *diff, uint64_t begin, uint64_t end);

/*
 * Whether erase blocks of both images can be compared: 0, or -CRAMFS_ERR_USAGE with a diagnostic
 * when the bytes of the two are swapped in different ways, or an erase block is not a whole number
 * of words.
 */
int range_check_swap(const struct cramfs_diff *diff, struct cramfs_diags *diags);

#endif
