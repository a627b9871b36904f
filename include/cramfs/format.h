/*
 * The cramfs on-disk format: superblock and inode.
 *
 * Facts from include/uapi/linux/cramfs_fs.h and fs/cramfs/inode.c of Linux 6.12. An image is in one
 * byte order throughout, and a kernel mounts only its own. On disk an inode is three 32-bit words
 * of bit fields, which a big-endian machine packs from the other end of each word; the structs here
 * are plain values, encoded and decoded with shifts, and never laid over image bytes.
 *
 * All offsets and sizes are in bytes, counted from byte 0 of the image, also when the superblock
 * is at 512, after boot code. Where the disk counts in units of 4 bytes, encoding divides.
 */
#ifndef CRAMFS_FORMAT_H
#define CRAMFS_FORMAT_H

#include <stdbool.h>
#include <stdint.h>

#include "cramfs/declarations.h"

CRAMFS_BEGIN_DECLARATIONS

#define CRAMFS_MAGIC      0x28cd3d45u
#define CRAMFS_SIGNATURE  "Compressed ROMFS"
#define CRAMFS_SUPER_SIZE 76u  /* bytes on disk, the root inode included */
#define CRAMFS_INODE_SIZE 12u  /* bytes on disk, before the name */
#define CRAMFS_BOOT_SIZE  512u /* what -p leaves to boot code before the superblock */

/* Superblock flags. The kernel refuses an image with a flag outside CRAMFS_SUPPORTED_FLAGS. */
#define CRAMFS_FLAG_FSID_VERSION_2      0x00000001u /* size, CRC and counts are valid */
#define CRAMFS_FLAG_SORTED_DIRS         0x00000002u
#define CRAMFS_FLAG_HOLES               0x00000100u
#define CRAMFS_FLAG_WRONG_SIGNATURE     0x00000200u
#define CRAMFS_FLAG_SHIFTED_ROOT_OFFSET 0x00000400u
#define CRAMFS_FLAG_EXT_BLOCK_POINTERS  0x00000800u /* bits 30 and 31 of pointers mean something */
#define CRAMFS_KNOWN_FLAGS              0x00000f03u /* the flags above */
#define CRAMFS_SUPPORTED_FLAGS          0x00000fffu

/* Limits from the widths of the fields. Each is the largest value that fits. */
#define CRAMFS_MAX_UID          65535u
#define CRAMFS_MAX_GID          255u
#define CRAMFS_MAX_FILE_SIZE    ((1u << 24) - 1) /* also of one directory's entries together */
#define CRAMFS_MAX_NAME         252u             /* 63 units of 4 bytes */
#define CRAMFS_MAX_INODE_OFFSET (((1u << 26) - 1) * 4)
#define CRAMFS_MAX_DEVICE       255u /* major and minor: the kernel decodes 8 bits of each */
#define CRAMFS_MAX_IMAGE_SIZE   0xffffffffu

/*
 * On MTD, readdir and lookup read an inode and the longest name from wherever an entry begins
 * (cramfs_readdir, cramfs_lookup): if the image ends sooner, the entry reads as zeroes.
 */
#define CRAMFS_ENTRY_WINDOW (CRAMFS_INODE_SIZE + CRAMFS_MAX_NAME)

#define CRAMFS_MIN_PAGE_SIZE 4096u
#define CRAMFS_MAX_PAGE_SIZE 65536u

/* What the kernel adds to the root's mode, so that everybody can read and enter it. */
#define CRAMFS_ROOT_MODE 0555u

enum cramfs_order {
    CRAMFS_LITTLE,
    CRAMFS_BIG,
};

struct cramfs_inode {
    uint16_t mode; /* type and permissions, as in st_mode */
    uint16_t uid;
    uint8_t gid;
    uint8_t name_length; /* padded, a multiple of 4; 0 in the root inode */
    uint32_t size;       /* of a device: major << 8 | minor */
    uint32_t offset;     /* entries of a directory, block pointer table of a file or link */
};

struct cramfs_super {
    uint32_t size; /* of the image */
    uint32_t flags;
    uint32_t future;
    unsigned char signature[16];
    uint32_t crc; /* CRC-32 from the superblock to `size`, this field holding 0 */
    uint32_t edition;
    uint32_t blocks;
    uint32_t files;
    char name[16]; /* zero-padded, not terminated when all 16 are used */
    struct cramfs_inode root;
};

/*
 * The smallest page of any kernel is 4096 bytes; the largest that the format is used with is 65536.
 */
bool cramfs_page_size_valid(uint64_t page_size);

/* The byte order of this machine. */
enum cramfs_order cramfs_host_order(void);

/*
 * Encodes the 12 bytes of an inode. The caller makes sure that all values fit: a size below 2^24
 * (CRAMFS_MAX_FILE_SIZE + 1), a name_length of at most 252 and an offset below 2^28
 * (CRAMFS_MAX_INODE_OFFSET), both multiples of 4. Bits above run into the neighbouring field;
 * nothing is reported. cramfs_tree_fit() reports values that do not fit.
 */
void cramfs_inode_encode(enum cramfs_order order, const struct cramfs_inode *inode,
                         unsigned char to[CRAMFS_INODE_SIZE]);
void cramfs_inode_decode(enum cramfs_order order, const unsigned char from[CRAMFS_INODE_SIZE],
                         struct cramfs_inode *inode);

/* Encodes the magic and the superblock. Where the CRC is in it: */
#define CRAMFS_SUPER_CRC_OFFSET 32u
void cramfs_super_encode(enum cramfs_order order, const struct cramfs_super *super,
                         unsigned char to[CRAMFS_SUPER_SIZE]);

/* Decodes in the byte order that the magic shows. Returns false when there is no magic. */
bool cramfs_super_decode(const unsigned char from[CRAMFS_SUPER_SIZE], enum cramfs_order *order,
                         struct cramfs_super *super);

CRAMFS_END_DECLARATIONS

#endif
