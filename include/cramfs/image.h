/*
 * Reading: an image as untrusted bytes, and the tree in it.
 *
 * An image may be a file, a block device, or a part of a dump of a whole flash. It is read into
 * memory whole, and every access to its bytes goes through one bounds-checked function. The walk
 * lists what the directories name, each directory once, so its time and memory depend on the size
 * of the image and not on what the image claims.
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
    struct cramfs_reader reader; /* the bounds-checked access; its size is the file system's */
    const unsigned char *bytes;  /* of the image, or NULL; only image.c touches them */
    struct shared_bytes *shared; /* instead of them, with cramfs_open_options.beside */
    bool owns_shared;
    uint64_t offset;       /* where the image begins in its file */
    uint64_t file_size;    /* bytes of the file from there on */
    enum cramfs_swap swap; /* how bytes are swapped in the file; the rest is swapped back */
    enum cramfs_order order;
    uint32_t super_offset; /* 0, or 512 after boot code */
    struct cramfs_super super;
    uint32_t page_size;
    bool unaligned; /* its tables are unaligned: see view.h */
    void *memory;   /* what cramfs_image_close() frees; NULL when the bytes are the caller's */
    size_t memory_size;
};

/* The kernel that an image was made for; the image itself does not say. */
enum cramfs_made_for {
    CRAMFS_MADE_FOR_ANY, /* find out, where it matters */
    CRAMFS_MADE_FOR_MMU,
    CRAMFS_MADE_FOR_NOMMU,
};

/* All zeroes, or NULL, opens most images. */
struct cramfs_open_options {
    size_t size;        /* see declarations.h */
    uint64_t offset;    /* in the file, where the image or its superblock begins */
    uint32_t page_size; /* the one the image was built for; 0: find out */
    /*
     * "-" is standard input; the bytes of a pipe are kept in a file without a name in $TMPDIR or
     * /tmp. Otherwise "-" is the file of that name, and a pipe is an error.
     */
    bool stream;
    enum cramfs_made_for made_for; /* of cramfs_view_open() alone */
    /*
     * An open image that most of the bytes are equal to, at the same offsets: these are not kept in
     * memory twice. It must outlive the opened image. NULL: none. It has no effect on dumps with
     * swapped bytes, nor with an `offset`, nor on bytes in memory, which are not copied.
     */
    const struct cramfs_image *beside;
};

/*
 * Opens the image in a file or block device. The superblock is looked for at the offset and 512
 * bytes after it (after boot code). The offset may also be that of a superblock after boot code;
 * the CRC shows where the image begins. The image is read into memory, but nothing else of a dump
 * that holds it; later changes of the file have no effect. A dump with swapped bytes is swapped
 * back, and a note says so.
 *
 * An image does not store its page size. Opening tries some 64 files with each page size: their
 * pointer tables must overlap nothing, their blocks must chain, and the first block must inflate to
 * exactly its length in the file. Of the page sizes that the fewest files contradict, it takes the
 * smallest. A note says so if that is not 4096.
 *
 * Without CRAMFS_FLAG_FSID_VERSION_2 the superblock's size means nothing, and the file's is taken,
 * up to the 256 MiB that the kernel assumes. A superblock that claims more than the file holds is
 * cut to the file's size (the checker reports it). Returns 0, -CRAMFS_ERR_IO, -CRAMFS_ERR_FORMAT
 * when there is no superblock, -CRAMFS_ERR_USAGE for a page size that no kernel has, or
 * -CRAMFS_ERR_MEMORY. After an error there is nothing to close, and closing does no harm.
 */
int cramfs_image_open(const char *path, const struct cramfs_open_options *options,
                      struct cramfs_image *image, struct cramfs_diags *diags);

/* The same for bytes in memory, which must outlive the image. */
int cramfs_image_open_memory(const void *bytes, uint64_t size,
                             const struct cramfs_open_options *options, struct cramfs_image *image,
                             struct cramfs_diags *diags);
void cramfs_image_close(struct cramfs_image *image);

enum cramfs_crc_state {
    CRAMFS_CRC_RIGHT,
    CRAMFS_CRC_WRONG,
    CRAMFS_CRC_NONE,     /* the image has none: no FSID_VERSION_2 */
    CRAMFS_CRC_UNTESTED, /* a dump has too many superblocks that claim each other's bytes */
};

/* A superblock in a dump. */
struct cramfs_scanned {
    uint64_t offset;       /* where its image begins, as struct cramfs_open_options takes it */
    uint32_t super_offset; /* from there: 0 or 512 */
    enum cramfs_swap swap;
    enum cramfs_order order;
    struct cramfs_super super;
    enum cramfs_crc_state crc;
};

/* Returns 0 to go on; anything else ends the scan. */
typedef int cramfs_scan_fn(void *context, const struct cramfs_scanned *scanned);

/*
 * Finds every superblock in a file or device of any size, at any offset, in order: a magic number
 * with the signature 16 bytes after it. (A superblock without the signature can be opened at a
 * known offset, but is not found by a scan.) The time for all CRC-32s together is bounded by a
 * small multiple of the file's size. "-" is standard input, as with cramfs_open_options.stream.
 * Returns 0, what `found` returned, -CRAMFS_ERR_IO or -CRAMFS_ERR_MEMORY.
 */
int cramfs_scan(const char *path, cramfs_scan_fn *found, void *context, struct cramfs_diags *diags);

/*
 * The bytes [offset, offset + length) of the image in its memory, or NULL when they are not all
 * within the file system. They live as long as the image. Several threads can ask at once.
 */
const unsigned char *cramfs_image_bytes(const struct cramfs_image *image, uint64_t offset,
                                        uint64_t length);

/* The CRC-32 of the file system as it is now, to compare with super.crc. */
uint32_t cramfs_image_crc(const struct cramfs_image *image);

/* The pointer table of a file or link. */
struct cramfs_table cramfs_image_table(const struct cramfs_image *image,
                                       const struct cramfs_inode *inode);

struct cramfs_block_detail {
    uint32_t used;    /* bytes of the block that are the stream; the kernel ignores the rest */
    uint32_t written; /* bytes that it inflates to; the kernel adds zeroes up to a page */
    bool over_page;   /* it inflates to more than a page */
};

/*
 * One block's bytes as read(2) gives them: exactly block->file_bytes at `to`, with zeroes where the
 * block has none. The block is one that cramfs_block_locate() found. Returns 0 or
 * -CRAMFS_ERR_FORMAT (a fault, or a stream that does not inflate). `detail`, if not NULL, reports
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
