#include "base/array.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

void *array_create(uint64_t count, size_t element)
{
    return count <= SIZE_MAX / element ? calloc((size_t)count, element) : NULL;
}

bool array_reserve(void *array, size_t element, size_t count, size_t *capacity, size_t extra)
{
    if (extra <= *capacity - count)
        return true;
    if (extra > SIZE_MAX / element - count)
        return false;
    size_t wanted = *capacity > SIZE_MAX / element / 2 ? count + extra : *capacity * 2;
    if (wanted < count + extra)
        wanted = count + extra;
    if (wanted < 16)
        wanted = 16;
    /* memcpy, since the caller's pointer has a type of its own that void ** may not alias. */
    void *items;
    memcpy(&items, array, sizeof(items));
    items = realloc(items, wanted * element);
    if (!items)
        return false;
    memcpy(array, &items, sizeof(items));
    *capacity = wanted;
    return true;
}
