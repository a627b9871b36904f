#include "cramfs/format.h"

#include <string.h>

#include "format/bytes.h"

/* Where each field is; the root inode is the last. */
enum {
    AT_MAGIC = 0,
    AT_SIZE = 4,
    AT_FLAGS = 8,
    AT_FUTURE = 12,
    AT_SIGNATURE = 16,
    AT_CRC = CRAMFS_SUPER_CRC_OFFSET,
    AT_EDITION = 36,
    AT_BLOCKS = 40,
    AT_FILES = 44,
    AT_NAME = 48,
    AT_ROOT = 64,
};
_Static_assert(AT_ROOT + CRAMFS_INODE_SIZE == CRAMFS_SUPER_SIZE, "the superblock is 76 bytes");

bool cramfs_page_size_valid(uint64_t page_size)
{
    return is_power_of_two(page_size) && page_size >= CRAMFS_MIN_PAGE_SIZE &&
           page_size <= CRAMFS_MAX_PAGE_SIZE;
}

enum cramfs_order cramfs_host_order(void)
{
    const uint32_t one = 1;
    unsigned char first;
    memcpy(&first, &one, 1);
    return first ? CRAMFS_LITTLE : CRAMFS_BIG;
}

void cramfs_super_encode(enum cramfs_order order, const struct cramfs_super *super,
                         unsigned char to[CRAMFS_SUPER_SIZE])
{
    store32(order, to + AT_MAGIC, CRAMFS_MAGIC);
    store32(order, to + AT_SIZE, super->size);
    store32(order, to + AT_FLAGS, super->flags);
    store32(order, to + AT_FUTURE, super->future);
    memcpy(to + AT_SIGNATURE, super->signature, sizeof(super->signature));
    store32(order, to + AT_CRC, super->crc);
    store32(order, to + AT_EDITION, super->edition);
    store32(order, to + AT_BLOCKS, super->blocks);
    store32(order, to + AT_FILES, super->files);
    memcpy(to + AT_NAME, super->name, sizeof(super->name));
    cramfs_inode_encode(order, &super->root, to + AT_ROOT);
}

bool cramfs_super_decode(const unsigned char from[CRAMFS_SUPER_SIZE], enum cramfs_order *order,
                         struct cramfs_super *super)
{
    if (load32(CRAMFS_LITTLE, from) == CRAMFS_MAGIC)
        *order = CRAMFS_LITTLE;
    else if (load32(CRAMFS_BIG, from) == CRAMFS_MAGIC)
        *order = CRAMFS_BIG;
    else
        return false;

    super->size = load32(*order, from + AT_SIZE);
    super->flags = load32(*order, from + AT_FLAGS);
    super->future = load32(*order, from + AT_FUTURE);
    memcpy(super->signature, from + AT_SIGNATURE, sizeof(super->signature));
    super->crc = load32(*order, from + AT_CRC);
    super->edition = load32(*order, from + AT_EDITION);
    super->blocks = load32(*order, from + AT_BLOCKS);
    super->files = load32(*order, from + AT_FILES);
    memcpy(super->name, from + AT_NAME, sizeof(super->name));
    cramfs_inode_decode(*order, from + AT_ROOT, &super->root);
    return true;
}
