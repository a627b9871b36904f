/* Sums of numbers that come from outside, such as a profile's counts, which may be any. */
#ifndef CRAMFS_BASE_SATURATE_H
#define CRAMFS_BASE_SATURATE_H

#include <stdint.h>

/* Adds to a sum, which stays at UINT64_MAX once it has reached that. */
static inline void saturating_add(uint64_t *sum, uint64_t more)
{
    *sum = more > UINT64_MAX - *sum ? UINT64_MAX : *sum + more;
}

#endif
