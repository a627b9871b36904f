#include "cramfs/format.h"

#include "format/bytes.h"

/*
 * Each word holds two fields. Which one is in the low bits depends on the byte order: compilers for
 * little-endian machines fill a word from its low end, those for big-endian ones from its high end,
 * and the format follows them.
 */
static uint32_t pack(enum cramfs_order order, uint32_t first, unsigned first_bits, uint32_t second)
{
    unsigned second_bits = 32 - first_bits;
    return order == CRAMFS_BIG ? first << second_bits | second : second << first_bits | first;
}

static uint32_t first_field(enum cramfs_order order, uint32_t word, unsigned bits)
{
    return order == CRAMFS_BIG ? word >> (32 - bits) : word & ((1u << bits) - 1);
}

static uint32_t second_field(enum cramfs_order order, uint32_t word, unsigned first_bits)
{
    return order == CRAMFS_BIG ? word & ((1u << (32 - first_bits)) - 1) : word >> first_bits;
}

enum { MODE_BITS = 16, SIZE_BITS = 24, NAME_BITS = 6 };

void cramfs_inode_encode(enum cramfs_order order, const struct cramfs_inode *inode,
                         unsigned char to[CRAMFS_INODE_SIZE])
{
    store32(order, to, pack(order, inode->mode, MODE_BITS, inode->uid));
    store32(order, to + 4, pack(order, inode->size, SIZE_BITS, inode->gid));
    store32(order, to + 8, pack(order, inode->name_length / 4u, NAME_BITS, inode->offset / 4));
}

void cramfs_inode_decode(enum cramfs_order order, const unsigned char from[CRAMFS_INODE_SIZE],
                         struct cramfs_inode *inode)
{
    uint32_t mode_and_uid = load32(order, from);
    uint32_t size_and_gid = load32(order, from + 4);
    uint32_t name_and_offset = load32(order, from + 8);
    inode->mode = (uint16_t)first_field(order, mode_and_uid, MODE_BITS);
    inode->uid = (uint16_t)second_field(order, mode_and_uid, MODE_BITS);
    inode->size = first_field(order, size_and_gid, SIZE_BITS);
    inode->gid = (uint8_t)second_field(order, size_and_gid, SIZE_BITS);
    inode->name_length = (uint8_t)(first_field(order, name_and_offset, NAME_BITS) * 4);
    inode->offset = second_field(order, name_and_offset, NAME_BITS) * 4;
}
