/*
 * An older image, as the builder sees it when it lays out a new image like it.
 *
 * An update of a flash device must erase each erase block that differs from the release before. An
 * image that is laid out like an older one keeps unchanged parts where they were: runs in place,
 * chains of compressed blocks, pointer tables, entries of directories. The result is an ordinary
 * image, which does not depend on the older one.
 *
 * The builder takes the older image as plain data: its bytes, and the entries that its directories
 * name. The caller that fills this in has checked the image and found no error (cramfs_like_open()
 * of like_image.h does both). So every pointer can be followed, and nothing overlaps. The contents
 * of files are still untrusted: bytes are compared before they are used.
 */
#ifndef CRAMFS_LIKE_H
#define CRAMFS_LIKE_H

#include "cramfs/block.h"
#include "cramfs/declarations.h"

CRAMFS_BEGIN_DECLARATIONS

#define CRAMFS_LIKE_NO_PARENT UINT32_MAX

/* How much larger than one laid out from scratch an image may be, in percent. */
#define CRAMFS_DEFAULT_SLACK 5

/* The default size of an erase block: that of most NOR flash. */
#define CRAMFS_DEFAULT_ERASE_BLOCK 65536u

struct cramfs_like_entry {
    struct cramfs_inode inode;
    const char *name; /* not terminated */
    uint8_t name_bytes;
    bool usable;     /* a directory's entries are in the list; any other entry has a table */
    uint32_t parent; /* an earlier entry; CRAMFS_LIKE_NO_PARENT for the root */
};

/* A deflated block that the caller has inflated already, so that the builder need not. */
struct cramfs_like_page {
    uint64_t offset; /* of the block */
    uint32_t used;   /* bytes of its zlib stream; in the image, zeroes can follow them */
    uint32_t length; /* of what it inflates to */
    const unsigned char *bytes;
};

struct cramfs_like {
    const struct cramfs_reader *reader;
    const unsigned char *bytes; /* reader->size bytes, from byte 0 of the image */
    enum cramfs_order order;
    uint32_t page_size;
    const struct cramfs_like_entry *entries; /* a directory before what it names */
    uint32_t entries_count;
    const struct cramfs_like_page *pages; /* any number of them, by offset */
    size_t pages_count;
};

CRAMFS_END_DECLARATIONS

#endif
