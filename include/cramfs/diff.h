/*
 * The difference of two images: what a release changed, and how much flash it changes.
 *
 * Two entries are the same when their paths are, whatever their order in a directory; of several
 * with one name, the first is compared with the first. Contents are compared as read(2) gives them,
 * not as they are stored; bytes that can be read in neither image count as equal. Pages of files at
 * the same path are inflated and compared by several threads. The work depends on the pages of the
 * images, however many files use each.
 *
 * The number of erase blocks that must differ is an estimate for the best layout of the new image:
 * those with the superblock, those with entries and tables that change in place, and as many as the
 * new bytes fill. It can be too large, because new bytes may fit into erase blocks of the first two
 * kinds, but is never more than the number that differ. For images in two byte orders, or with two
 * page sizes, it is the number that differ.
 */
#ifndef CRAMFS_DIFF_H
#define CRAMFS_DIFF_H

#include <stdio.h>

#include "cramfs/declarations.h"
#include "cramfs/usage.h"

CRAMFS_BEGIN_DECLARATIONS

/* The parts of an entry that can differ, as bits. */
enum cramfs_change_bit {
    CRAMFS_CHANGED_TYPE = 1,
    CRAMFS_CHANGED_MODE = 2, /* permissions */
    CRAMFS_CHANGED_OWNER = 4,
    CRAMFS_CHANGED_CONTENT = 8,   /* of a link its target, of a device its number */
    CRAMFS_CHANGED_IN_PLACE = 16, /* the number of pages in place */
    CRAMFS_CHANGED_MOVED = 32,    /* pages in place, with equal bytes, are elsewhere in the image */
};

struct cramfs_change {
    uint32_t entries[2];  /* old and new; CRAMFS_NO_ENTRY when it was added or is removed */
    uint32_t in_place[2]; /* pages */
    uint32_t moved;       /* pages; of an inode with several names, counted at the first */
    unsigned what;        /* 0 when it was added or is removed */
};

/* A path that takes more or less of the new image than of the old one. */
struct cramfs_growth {
    uint32_t entries[2]; /* old and new; CRAMFS_NO_ENTRY where there is none */
    uint64_t bytes[2];   /* that are charged to it (cramfs/usage.h), and to all that is below it */
};

struct cramfs_diff {
    const struct cramfs_view *views[2];
    uint32_t *new_entries;         /* by old entry: the new one at its path, or CRAMFS_NO_ENTRY */
    struct cramfs_change *changes; /* in the order of paths */
    size_t changes_count;
    size_t changes_capacity;
    uint64_t kinds[2][CRAMFS_USAGE_KINDS]; /* bytes */
    struct cramfs_growth *growths;         /* the largest change first */
    size_t growths_count;
    size_t growths_capacity;
    uint64_t xip_gained; /* pages, of all names together */
    uint64_t xip_lost;
    uint64_t moved;
    bool same_bytes;      /* the file systems are equal, byte for byte */
    uint64_t erase_block; /* bytes of one; 0: not asked for */
    uint64_t erase_blocks;
    uint64_t erase_blocks_differing; /* also those that only one image has */
    uint64_t erase_blocks_least;     /* estimate: that must differ in any layout of the new image */
};

/*
 * Compares with `jobs` threads; 0 counts as 1, and the result is the same for any number. The
 * views' extents must not be merged, and the views must outlive the result. Returns 0 or
 * -CRAMFS_ERR_MEMORY; free with cramfs_diff_free() in any case.
 */
int cramfs_diff(const struct cramfs_view *old_view, const struct cramfs_view *new_view,
                uint64_t erase_block, unsigned jobs, struct cramfs_diff *diff);
void cramfs_diff_free(struct cramfs_diff *diff);

/* "type", "mode", "owner", "content", "in-place", "moved". */
const char *cramfs_change_name(enum cramfs_change_bit bit);

/*
 * As cramfs-dump(1) documents; the text is empty when the bytes are the same. Return 0,
 * -CRAMFS_ERR_IO or -CRAMFS_ERR_MEMORY.
 */
int cramfs_print_diff(FILE *out, const struct cramfs_diff *diff);
int cramfs_print_diff_json(FILE *out, const struct cramfs_diff *diff);

CRAMFS_END_DECLARATIONS

#endif
