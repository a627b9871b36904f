/*
 * Extents: which kind of data the bytes of an image are, and which entry they belong to.
 *
 * Builder, checker, map and tests share this type. The extents that a build planned, merged by
 * cramfs_extents_merge(), equal those that the checker finds in the finished image. Bytes that no
 * extent covers are a gap.
 */
#ifndef CRAMFS_EXTENT_H
#define CRAMFS_EXTENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cramfs/block.h"
#include "cramfs/declarations.h"

CRAMFS_BEGIN_DECLARATIONS

enum cramfs_extent_kind {
    CRAMFS_EXTENT_BOOT,      /* the 512 bytes before a shifted superblock */
    CRAMFS_EXTENT_SUPER,     /* superblock with the root inode */
    CRAMFS_EXTENT_DIRECTORY, /* all entries of one directory */
    CRAMFS_EXTENT_TABLE,     /* a block pointer table */
    CRAMFS_EXTENT_DEFLATED,  /* blocks; the 16-bit length before a block belongs to it */
    CRAMFS_EXTENT_STORED,
    CRAMFS_EXTENT_IN_PLACE, /* stored, direct, page aligned; less the zeroes after the file's end */
    CRAMFS_EXTENT_FAULTY, /* the bytes that a faulty pointer claims, as far as the image has them */
    CRAMFS_EXTENT_HOLE,   /* the 16-bit zero that direct pointers of holes point at */
};

struct cramfs_extent {
    uint64_t offset;
    uint64_t length; /* never 0 */
    enum cramfs_extent_kind kind;
    uint32_t owner; /* a number of the caller's: the first in path order that uses the bytes */
    uint32_t first_block; /* of the owner's file; 0 when the bytes are not blocks */
    uint32_t blocks;      /* consecutive blocks from there; 0 when the bytes are not blocks */
    uint64_t prefix;      /* bytes of a block's length that come first: 2, or 0 */
};

/*
 * The bytes that block `index` of a table takes, its 16-bit length included, as an extent of one
 * block without an owner. For a faulty block: what its pointer claims, as far as the image has it.
 * For a last page that read(2) does not see (cramfs_block_loses_tail()): the page nevertheless. For
 * a hole: the zero word that its direct pointer points at, which is not a block of any file.
 * Returns false when the block takes no bytes.
 */
bool cramfs_block_extent(const struct cramfs_table *table, uint32_t index,
                         const struct cramfs_block *block, struct cramfs_extent *extent);

/* A list starts as {0} and is freed with cramfs_extents_free(). */
struct cramfs_extents {
    struct cramfs_extent *list;
    size_t list_count;
    size_t list_capacity;
};

void cramfs_extents_free(struct cramfs_extents *extents);

/* Returns 0 or -CRAMFS_ERR_MEMORY. */
int cramfs_extents_add(struct cramfs_extents *extents, const struct cramfs_extent *extent);

/*
 * Sorts by offset, then length, owner, first block, kind and `prefix`. Of extents with equal
 * offset, length, kind and `prefix`, keeps the one of the first owner, so that shared bytes have
 * one owner. In a hostile image, the first bytes of a zlib stream can be the length of another
 * stream, which begins after them: these are two extents.
 */
void cramfs_extents_sort(struct cramfs_extents *extents);

/*
 * The index in a sorted list of the extent with the offset, length, kind and `prefix` of
 * `wanted`, whoever owns it; list_count when there is none. `guess` is looked at first: any number,
 * such as the index after that of the block before.
 */
size_t cramfs_extents_find(const struct cramfs_extents *extents, const struct cramfs_extent *wanted,
                           size_t guess);

/*
 * Joins sorted neighbours of one kind and owner whose bytes and whose block numbers follow each
 * other: a chain of compressed blocks or a run in place becomes one extent.
 */
void cramfs_extents_merge(struct cramfs_extents *extents);

/* "boot", "superblock", "directory", "table", "deflated", "stored", "in-place", "faulty", "hole".
 */
const char *cramfs_extent_kind_name(enum cramfs_extent_kind kind);

CRAMFS_END_DECLARATIONS

#endif
