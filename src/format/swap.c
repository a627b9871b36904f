#include "cramfs/swap.h"

#include <string.h>

size_t cramfs_swap_width(enum cramfs_swap swap)
{
    static const size_t widths[] = {1, 2, 4};
    return widths[swap];
}

void cramfs_swap_copy(enum cramfs_swap swap, void *to, const void *from, size_t length)
{
    size_t width = cramfs_swap_width(swap);
    const unsigned char *in = from;
    unsigned char *out = to;
    if (width == 1) {
        memmove(to, from, length);
        return;
    }
    for (size_t i = 0; i + width <= length; i += width) {
        for (size_t low = 0, high = width - 1; low < high; low++, high--) {
            unsigned char first = in[i + low];
            out[i + low] = in[i + high];
            out[i + high] = first;
        }
    }
}
