#include "report/update/ranges.h"

#include <stdlib.h>
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

int range_stored(const struct cramfs_diff *diff, int side, uint64_t begin, uint64_t end,
                 size_t *length, const unsigned char **bytes, void **copy)
{
    enum cramfs_swap swap = diff->views[side]->image->swap;
    *copy = NULL;
    *bytes = range_bytes(diff, side, begin, end, length);
    if (swap == CRAMFS_SWAP_NONE || !*length)
        return 0;
    *copy = malloc(*length);
    if (!*copy)
        return -CRAMFS_ERR_MEMORY;
    cramfs_swap_copy(swap, *copy, *bytes, *length);
    *bytes = *copy;
    return 0;
}

int range_digest(const struct cramfs_diff *diff, int side, uint64_t begin, uint64_t end,
                 size_t *length, char to[SHA256_HEX_SIZE])
{
    const unsigned char *bytes;
    void *copy;
    int error = range_stored(diff, side, begin, end, length, &bytes, &copy);
    strcpy(to, "-");
    if (!error && *length)
        sha256_hex(bytes, *length, to);
    free(copy);
    return error;
}

int range_check_swap(const struct cramfs_diff *diff, struct cramfs_diags *diags)
{
    const struct cramfs_image *before = diff->views[0]->image;
    const struct cramfs_image *after = diff->views[1]->image;
    size_t width = cramfs_swap_width(after->swap);
    if (before->swap != after->swap)
        return cramfs_fail(diags, CRAMFS_ERR_USAGE, NULL,
                           "the bytes of the new image are not swapped as in the older image, so "
                           "all erase blocks differ; build both for the same flash");
    if (before->reader.size % width || after->reader.size % width || diff->erase_block % width)
        return cramfs_fail(diags, CRAMFS_ERR_USAGE, NULL,
                           "images and erase blocks must have a multiple of %zu bytes, since the "
                           "bytes of each word are swapped",
                           width);
    return 0;
}
