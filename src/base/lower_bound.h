/* Where a value belongs in a sorted list, which bsearch(3) does not say. */
#ifndef CRAMFS_BASE_LOWER_BOUND_H
#define CRAMFS_BASE_LOWER_BOUND_H

#include <stdbool.h>
#include <stddef.h>

/*
 * The index of the first of `count` elements of `size` bytes that is not before `wanted`, as
 * `is_before` decides; `count` when there is none. All elements before `wanted` come first in the
 * list.
 */
static inline size_t lower_bound(const void *wanted, const void *list, size_t count, size_t size,
                                 bool (*is_before)(const void *element, const void *wanted))
{
    size_t low = 0;
    size_t high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (is_before((const char *)list + middle * size, wanted))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

#endif
