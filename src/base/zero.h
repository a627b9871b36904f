/*
 * Whether bytes are all zero: the first is, and each equals the one before it.
 */
#ifndef CRAMFS_BASE_ZERO_H
#define CRAMFS_BASE_ZERO_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* `length` is at least 1. */
static inline bool all_zero(const unsigned char *bytes, size_t length)
{
    return bytes[0] == 0 && memcmp(bytes, bytes + 1, length - 1) == 0;
}

#endif
