/*
 * Reading: an image as untrusted bytes, and the tree in it.
 *
 * An image may be a file, a block device, or stand somewhere in a dump of a whole flash. It is read
 * whole, and every access to its bytes goes through one bounds-checked door. The walk lists
 * what the directories name, each directory once, so that its time and memory follow from the size
 * of the image and not from what the image claims.
 */
#ifndef CRAMFS_IMAGE_H
#define CRAMFS_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cramfs/block.h"
#include "cramfs/codec.h"
#include "cramfs/declarations.h"
#include "cramfs/diag.h"
#include "cramfs/format.h"
#include "cramfs/swap.h"

CRAMFS_BEGIN_DECLARATIONS

struct cramfs_image {
    struct cramfs_reader reader; /* the bounds-checked door; its size is the file system's */
    const unsigned char *bytes;  /* of the image; only image.c touches them */
    uint64_t offset;             /* where the image begins in its file */
    uint64_t file_size;          /* bytes of the file from there on */
    enum cramfs_swap swap;       /* how the file has it; all else here is swapped back */
    enum cramfs_order order;
    uint32_t super_offset; /* 0, or 512 behind boot code */
    struct cramfs_super super;
    uint32_t page_size;
    bool unaligned; /* its tables are: see view.h */
    void *memory;   /* what cramfs_image_close() frees; NULL when the bytes are the caller's */
    size_t memory_size;
};

/* For which kernel an image was made; it does not say. */
enum cramfs_made_for {
    CRAMFS_MADE_FOR_ANY, /* found out, where it matters */
    CRAMFS_MADE_FOR_MMU,
    CRAMFS_MADE_FOR_NOMMU,
};

/* Zero in all of it, or NULL, opens what most images are. */
struct cramfs_open_options {
    size_t size;        /* see declarations.h */
    uint64_t offset;    /* in the file, where the image or its superblock begins */
    uint32_t page_size; /* that it was built for; 0: found out */
    /*
     * "-" is standard input, and what comes from a pipe is kept in a file without a name in $TMPDIR
     * or /tmp. Else "-" is the file of that name, and a pipe is an error.
     */
    bool stream;
    enum cramfs_made_for made_for; /* of cramfs_view_open() alone */
};

/*
 * Opens the image in a file or block device. The superblock is looked for at the offset and, behind
 * boot code, 512 bytes after it; an offset that is the superblock's own of such an image will do,
 * too (the CRC tells where the image begins). The image is read into memory, but nothing else of a
 * dump that holds it; what happens to the file later changes nothing here. A dump with swapped
 * bytes is swapped back, and a note says so.
 *
 * An image does not tell its page size. The smallest that contradicts the fewest of some 64 files
 * is taken: their pointer tables overlap nothing, their blocks chain, and the first inflates to
 * exactly what the file has there. Another one than 4096 is told in a note.
 *
 * Without CRAMFS_FLAG_FSID_VERSION_2 the superblock's size means nothing, and the file's is taken,
 * up to the 256 MiB that the kernel assumes; a superblock that claims more than the file holds is
 * cut to that (the checker reports it). Returns 0, -CRAMFS_ERR_IO, -CRAMFS_ERR_FORMAT when there
 * is no superblock, -CRAMFS_ERR_USAGE for a page size that no kernel has, or -CRAMFS_ERR_MEMORY.
 * After an error there is nothing to close, and closing does no harm.
 */
int cramfs_image_open(const char *path, const struct cramfs_open_options *options,
                      struct cramfs_image *image, struct cramfs_diags *diags);

/* The same over bytes in memory, which must outlive the image. */
int cramfs_image_open_memory(const void *bytes, uint64_t size,
                             const struct cramfs_open_options *options, struct cramfs_image *image,
                             struct cramfs_diags *diags);
void cramfs_image_close(struct cramfs_image *image);

enum cramfs_crc_state {
    CRAMFS_CRC_RIGHT,
    CRAMFS_CRC_WRONG,
    CRAMFS_CRC_NONE,     /* the image has none: no FSID_VERSION_2 */
    CRAMFS_CRC_UNTESTED, /* a dump full of superblocks that claim each other's bytes */
};

/* A superblock in a dump. */
struct cramfs_scanned {
    uint64_t offset;       /* where its image begins, as struct cramfs_open_options takes it */
    uint32_t super_offset; /* behind that: 0 or 512 */
    enum cramfs_swap swap;
    enum cramfs_order order;
    struct cramfs_super super;
    enum cramfs_crc_state crc;
};

/* Returns 0 to go on; anything else ends the scan. */
typedef int cramfs_scan_fn(void *context, const struct cramfs_scanned *scanned);

/*
 * Finds every superblock in a file or device of any size, at whatever offset, in order: a magic
 * number with the signature 16 bytes behind it. (One without the signature is opened where it is
 * expected, and not found anywhere else.) The CRC-32s together look at no more than some times the
 * bytes there are. "-" is standard input, as with cramfs_open_options.stream. Returns 0, what
 * `found` returned, -CRAMFS_ERR_IO or -CRAMFS_ERR_MEMORY.
 */
int cramfs_scan(const char *path, cramfs_scan_fn *found, void *context, struct cramfs_diags *diags);

/*
 * The bytes [offset, offset + length) in place, or NULL when they are not all within the file
 * system. They live as long as the image.
 */
const unsigned char *cramfs_image_bytes(const struct cramfs_image *image, uint64_t offset,
                                        uint64_t length);

/* The CRC-32 of the file system as it is now, to hold against super.crc. */
uint32_t cramfs_image_crc(const struct cramfs_image *image);

/* The pointer table of a file or link. */
struct cramfs_table cramfs_image_table(const struct cramfs_image *image,
                                       const struct cramfs_inode *inode);

struct cramfs_block_detail {
    uint32_t used;    /* bytes of the block that are the stream; the kernel ignores the rest */
    uint32_t written; /* bytes that it inflates to; the kernel fills up with zeroes */
    bool over_page;   /* it does not fit into a page */
};

/*
 * One block's bytes as read(2) gives them: exactly block->file_bytes at `to`, zeroes where the
 * block has none. The block is one that cramfs_block_locate() found. Returns 0 or
 * -CRAMFS_ERR_FORMAT (a fault, or a stream that does not inflate). `detail`, if not NULL, tells
 * what a deflated block held.
 */
int cramfs_image_read_block(const struct cramfs_image *image, const struct cramfs_block *block,
                            struct cramfs_inflater *inflater, unsigned char *to,
                            struct cramfs_block_detail *detail);

/*
 * All bytes of a file or link, at most 16 MiB. Returns 0, -CRAMFS_ERR_FORMAT or -CRAMFS_ERR_MEMORY;
 * the caller frees *bytes after 0.
 */
int cramfs_image_read_file(const struct cramfs_image *image, const struct cramfs_inode *inode,
                           struct cramfs_inflater *inflater, unsigned char **bytes);

CRAMFS_END_DECLARATIONS

#endif
