#include "report/update/ranges.h"

#include <string.h>

#include "cramfs/diag.h"

static uint64_t longer_size(const struct cramfs_diff *diff)
{
    uint64_t sizes[2];
    for (int side = 0; side < 2; side++)
        sizes[side] = diff->views[side]->image->reader.size;
    return sizes[0] > sizes[1] ? sizes[0] : sizes[1];
}

const unsigned char *range_bytes(const struct cramfs_diff *diff, int side, uint64_t begin,
                                 uint64_t end, size_t *length)
{
    const struct cramfs_image *image = diff->views[side]->image;
    uint64_t size = image->reader.size;
    *length = (size_t)((end < size ? end : size) - (begin < size ? begin : size));
    return *length ? cramfs_image_bytes(image, begin, *length) : NULL;
}

bool range_same(const struct cramfs_diff *diff, uint64_t begin, uint64_t end)
{
    size_t lengths[2];
    const unsigned char *before = range_bytes(diff, 0, begin, end, &lengths[0]);
    const unsigned char *after = range_bytes(diff, 1, begin, end, &lengths[1]);
    return lengths[0] == lengths[1] && (!lengths[0] || memcmp(before, after, lengths[0]) == 0);
}

uint64_t range_block_end(const struct cramfs_diff *diff, uint64_t begin)
{
    uint64_t size = longer_size(diff);
    return size - begin < diff->erase_block ? size : begin + diff->erase_block;
}

bool range_next(const struct cramfs_diff *diff, uint64_t at, bool differs, struct range *range)
{
    uint64_t size = longer_size(diff);
    while (at < size && range_same(diff, at, range_block_end(diff, at)) == differs)
        at = range_block_end(diff, at);
    *range = (struct range){at, at};
    while (range->end < size &&
           range_same(diff, range->end, range_block_end(diff, range->end)) != differs)
        range->end = range_block_end(diff, range->end);
    return range->begin < range->end;
}

int range_check_swap(const struct cramfs_diff *diff, struct cramfs_diags *diags)
{
    int result = 0;
    for (int side = 0; side < 2; side++) {
        if (diff->views[side]->image->swap != CRAMFS_SWAP_NONE)
            result = cramfs_fail(diags, CRAMFS_ERR_USAGE, side ? "the new image" : "the old image",
                                 "its bytes are swapped, and are not those that are compared; use "
                                 "images that are not swapped");
    }
    return result;
}
