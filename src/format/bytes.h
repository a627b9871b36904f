/*
 * Loads and stores of on-disk integers in either byte order.
 *
 * Every multi-byte value of an image passes through here, whatever the host's own order and
 * alignment rules; nothing in the project overlays a C struct on image bytes.
 */
#ifndef CRAMFS_FORMAT_BYTES_H
#define CRAMFS_FORMAT_BYTES_H

#include <stdint.h>

#include "cramfs/format.h"

static inline uint16_t load16(enum cramfs_order order, const unsigned char *from)
{
    if (order == CRAMFS_BIG)
        return (uint16_t)(from[0] << 8 | from[1]);
    return (uint16_t)(from[1] << 8 | from[0]);
}

static inline uint32_t load32(enum cramfs_order order, const unsigned char *from)
{
    if (order == CRAMFS_BIG)
        return (uint32_t)from[0] << 24 | (uint32_t)from[1] << 16 | (uint32_t)from[2] << 8 | from[3];
    return (uint32_t)from[3] << 24 | (uint32_t)from[2] << 16 | (uint32_t)from[1] << 8 | from[0];
}

static inline void store16(enum cramfs_order order, unsigned char *to, uint16_t value)
{
    to[order == CRAMFS_BIG ? 0 : 1] = (unsigned char)(value >> 8);
    to[order == CRAMFS_BIG ? 1 : 0] = (unsigned char)value;
}

static inline void store32(enum cramfs_order order, unsigned char *to, uint32_t value)
{
    for (unsigned i = 0; i < 4; i++)
        to[order == CRAMFS_BIG ? 3 - i : i] = (unsigned char)(value >> (8 * i));
}

/* The smallest multiple of `unit` (a power of two) that is not below `value`. */
static inline uint64_t align_up(uint64_t value, uint64_t unit)
{
    return (value + unit - 1) & ~(unit - 1);
}

static inline int is_power_of_two(uint64_t value)
{
    return value != 0 && (value & (value - 1)) == 0;
}

#endif
