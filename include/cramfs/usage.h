/*
 * Usage: where the bytes of an image go.
 *
 * Every byte of the file system is charged once: a byte that several entries use to the first of
 * them in the order of the image, a byte that nothing uses to the root, as padding. So the charges
 * add up to the size of the image, also for a damaged image whose extents overlap.
 */
#ifndef CRAMFS_USAGE_H
#define CRAMFS_USAGE_H

#include <stdio.h>

#include "cramfs/declarations.h"
#include "cramfs/view.h"

CRAMFS_BEGIN_DECLARATIONS

enum cramfs_usage_kind {
    CRAMFS_USAGE_METADATA, /* superblock and directories */
    CRAMFS_USAGE_TABLES,   /* pointer tables, and the zero word of direct holes */
    CRAMFS_USAGE_DEFLATED,
    CRAMFS_USAGE_STORED,
    CRAMFS_USAGE_IN_PLACE,
    CRAMFS_USAGE_FAULTY,
    CRAMFS_USAGE_BOOT,
    CRAMFS_USAGE_PADDING,
    CRAMFS_USAGE_KINDS
};

/* A piece: bytes with one owner. Pieces follow each other from byte 0 to the end of the image. */
struct cramfs_piece {
    uint64_t offset;
    uint64_t length;
    enum cramfs_usage_kind kind;
    bool shared;    /* more than one entry uses its bytes */
    uint32_t owner; /* an entry; the root for padding */
};

struct cramfs_savings {
    uint64_t shared_blocks; /* pointers to blocks that are in the image already */
    uint64_t shared_bytes;  /* what those blocks would take once more */
    uint64_t shared_inodes; /* names of an inode that has another one */
    uint64_t inode_bytes;   /* what their tables and blocks would take once more */
    uint64_t holes;         /* blocks of zeroes that take no bytes */
    uint64_t hole_bytes;    /* the zeroes that they replace */
};

struct cramfs_usage {
    struct cramfs_piece *pieces;
    size_t pieces_count;
    size_t pieces_capacity;
    uint64_t *charged;  /* by entry: the bytes of the image that are charged to it */
    uint64_t *borrowed; /* by entry: the bytes that it uses and that are charged to another */
    struct cramfs_savings savings;
};

/*
 * Computes the usage. The view's extents must be as cramfs_survey() made them, not merged. Returns
 * 0 or -CRAMFS_ERR_MEMORY; free with cramfs_usage_free() in any case.
 */
int cramfs_usage(const struct cramfs_view *view, struct cramfs_usage *usage);
void cramfs_usage_free(struct cramfs_usage *usage);

/* "metadata", "tables", "deflated", "stored", "in-place", "faulty", "boot", "padding". */
const char *cramfs_usage_kind_name(enum cramfs_usage_kind kind);

/* The entries whose usage is listed. */
struct cramfs_du_options {
    size_t size;        /* see declarations.h */
    const bool *chosen; /* by entry, as cramfs_choose() fills it; NULL: the whole image */
    uint32_t depth;     /* levels below chosen directories that are listed, too */
};

/*
 * Prints the usage by kind of byte, type of file, directory and file, each from most to least, and
 * what sharing and holes saved; the text has the 20 largest files. With chosen entries, the text is
 * a table of only these, and the JSON has it besides the others. `options` may be NULL.
 * cramfs-dump(1) documents both forms. Returns 0, -CRAMFS_ERR_IO or -CRAMFS_ERR_MEMORY.
 */
int cramfs_print_usage(FILE *out, const struct cramfs_view *view, const struct cramfs_usage *usage,
                       const struct cramfs_du_options *options);
int cramfs_print_usage_json(FILE *out, const struct cramfs_view *view,
                            const struct cramfs_usage *usage,
                            const struct cramfs_du_options *options);

CRAMFS_END_DECLARATIONS

#endif
