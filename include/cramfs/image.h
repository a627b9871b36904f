/*
 * Reading: an image as untrusted bytes, and the tree in it.
 *
 * An image is opened whole, and every access to its bytes goes through one bounds-checked door. The
 * walk lists what the directories name, each directory once, so that its time and memory follow
 * from the size of the image and not from what the image claims.
 */
#ifndef CRAMFS_IMAGE_H
#define CRAMFS_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cramfs/block.h"
#include "cramfs/codec.h"
#include "cramfs/diag.h"
#include "cramfs/format.h"

struct cramfs_image {
    struct cramfs_reader reader; /* the bounds-checked door; its size is the file system's */
    const unsigned char *bytes;  /* of the file; only image.c touches them */
    uint64_t file_size;          /* bytes in the file */
    enum cramfs_order order;
    uint32_t super_offset; /* 0, or 512 behind boot code */
    struct cramfs_super super;
    uint32_t page_size;
    void (*release)(struct cramfs_image *image); /* NULL when the bytes are the caller's */
};

/*
 * Opens a file or block device. Without CRAMFS_FLAG_FSID_VERSION_2 the superblock's size means
 * nothing, and the file's is taken, up to the 256 MiB that the kernel assumes; a superblock that
 * claims more than the file holds is cut to that (the checker reports it). Returns 0,
 * -CRAMFS_ERR_IO, -CRAMFS_ERR_FORMAT when there is no superblock, or -CRAMFS_ERR_MEMORY.
 */
int cramfs_image_open(const char *path, uint32_t page_size, struct cramfs_image *image,
                      struct cramfs_diags *diags);

/* The same over bytes in memory, which must outlive the image. */
int cramfs_image_open_memory(const void *bytes, uint64_t size, uint32_t page_size,
                             struct cramfs_image *image, struct cramfs_diags *diags);
void cramfs_image_close(struct cramfs_image *image);

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
};

/*
 * One block's bytes as read(2) gives them: exactly block->file_bytes at `to`, zeroes where the
 * block has none. Returns 0 or -CRAMFS_ERR_FORMAT (a fault, or a stream that does not inflate).
 * `detail`, if not NULL, tells what a deflated block held.
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

#endif
