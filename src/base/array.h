/*
 * Growable arrays: a pointer, a count and a capacity that the owner keeps as plain members.
 */
#ifndef CRAMFS_BASE_ARRAY_H
#define CRAMFS_BASE_ARRAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Makes room for `extra` elements of `element` bytes after the `count` that are there. Capacity at
 * least doubles, so appending takes linear time in total. Returns false when memory runs out, and
 * the array does not change. `array` is the address of the element pointer.
 */
bool array_reserve(void *array, size_t element, size_t count, size_t *capacity, size_t extra);

/*
 * calloc() for a count that may be too large for a size_t, as on a host of 32 bits. NULL when
 * memory runs out, and when the count is too large for the host.
 */
void *array_create(uint64_t count, size_t element);

/* Room for one more at the end of items/count/capacity members of *owner. */
#define ARRAY_GROW(owner, items)                                                                   \
    ((owner)->items##_count < (owner)->items##_capacity ||                                         \
     array_reserve(&(owner)->items, sizeof(*(owner)->items), (owner)->items##_count,               \
                   &(owner)->items##_capacity, 1))

#endif
