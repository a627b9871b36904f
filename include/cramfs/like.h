/*
 * An older image, as far as one that is to be laid out like it looks at it.
 *
 * Updates of a flash device cost an erase for every erase block that differs from the release
 * before. An image that is laid out like an older one keeps what did not change where it was: runs
 * in place, chains of compressed blocks, pointer tables, entries of directories. The result is an
 * ordinary image, which nothing ties to the older one.
 *
 * The builder takes the older image as plain data: its bytes, and the entries that its directories
 * name. Whoever fills this in has checked the image and found no error (cramfs_like_open() of
 * like_image.h does both); then all that is asked of it can be answered, and nothing of it
 * overlaps. What its files hold is still anybody's: bytes are compared before they are taken.
 */
#ifndef CRAMFS_LIKE_H
#define CRAMFS_LIKE_H

#include "cramfs/block.h"
#include "cramfs/declarations.h"

CRAMFS_BEGIN_DECLARATIONS

#define CRAMFS_LIKE_NO_PARENT UINT32_MAX

/* The most that an image may be larger than one that is laid out afresh, in percent. */
#define CRAMFS_DEFAULT_SLACK 5

/* What erase blocks are counted in unless it is said: those of most NOR flash. */
#define CRAMFS_DEFAULT_ERASE_BLOCK 65536u

struct cramfs_like_entry {
    struct cramfs_inode inode;
    const char *name; /* not terminated */
    uint8_t name_bytes;
    bool usable;     /* of a directory: what it names is in the list; of others: it has a table */
    uint32_t parent; /* an earlier entry; CRAMFS_LIKE_NO_PARENT of the root */
};

struct cramfs_like {
    const struct cramfs_reader *reader;
    const unsigned char *bytes; /* reader->size of them, from byte 0 of the image */
    enum cramfs_order order;
    uint32_t page_size;
    const struct cramfs_like_entry *entries; /* a directory before what it names */
    uint32_t entries_count;
};

CRAMFS_END_DECLARATIONS

#endif
