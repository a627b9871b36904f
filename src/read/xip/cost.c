#include <stdlib.h>

#include "base/zero.h"
#include "cramfs/codec.h"
#include "cramfs/diag.h"
#include "read/xip/xip.h"

int xip_cost_open(struct xip_cost *cost, const struct cramfs_image *image,
                  enum cramfs_kernel kernel)
{
    *cost = (struct xip_cost){
        .image = image,
        .kernel = kernel,
        .deflater = cramfs_deflater_create(CRAMFS_COMPRESSOR_DEFAULT, CRAMFS_DEFAULT_LEVEL),
        .room = malloc(cramfs_deflate_bound(image->page_size)),
    };
    return cost->deflater && cost->room ? 0 : -CRAMFS_ERR_MEMORY;
}

void xip_cost_close(struct xip_cost *cost)
{
    cramfs_deflater_free(cost->deflater);
    free(cost->room);
    first_pages_free(&cost->first);
}

/*
 * What a page would take if it were not in place: nothing as a hole, else the smaller of stored and
 * compressed.
 */
static uint64_t otherwise(const struct xip_cost *cost, const unsigned char *bytes, size_t length)
{
    if (all_zero(bytes, length))
        return 0;
    size_t deflated =
        cramfs_deflate(cost->deflater, bytes, length, cost->room, cramfs_deflate_bound(length));
    return deflated && deflated < length ? deflated : length;
}

static uint64_t price(struct xip_cost *cost, const struct cramfs_extent *extent)
{
    const unsigned char *bytes = cramfs_image_bytes(cost->image, extent->offset, extent->length);
    /*
     * Pages overlap in hostile images only, in the worst case at every multiple of 4: no more bytes
     * are compressed than the image has.
     */
    if (!bytes || cost->deflated + extent->length > cost->image->reader.size)
        return 0;
    cost->deflated += extent->length;
    /* The rest of an aligned page holds nothing else; elsewhere the next block follows. */
    uint64_t taken =
        extent->kind == CRAMFS_EXTENT_IN_PLACE ? cost->image->page_size : extent->length;
    return taken - otherwise(cost, bytes, (size_t)extent->length);
}

static int use_page(struct xip_cost *cost, const struct cramfs_extent *extent,
                    struct cramfs_xip_file *file)
{
    uint32_t owner;
    bool added;
    int error = first_pages_add(&cost->first, extent->offset, file->entry, &owner, &added);
    if (error)
        return error;
    if (added) {
        file->flash_cost_bytes += price(cost, extent);
        return 0;
    }
    /* Without an MMU, an unaligned page can be in place; with one it is an ordinary block. */
    bool in_place = extent->kind == CRAMFS_EXTENT_IN_PLACE || cost->kernel == CRAMFS_KERNEL_NOMMU;
    if (in_place && owner != file->entry && file->shares_with == CRAMFS_NO_ENTRY)
        file->shares_with = owner;
    return 0;
}

int xip_cost_take(struct xip_cost *cost, const struct cramfs_table *table,
                  struct cramfs_xip_file *file)
{
    uint32_t blocks = cramfs_block_count(table->size, table->page_size);
    for (uint32_t i = 0; i < blocks; i++) {
        struct cramfs_block block;
        struct cramfs_extent extent;
        cramfs_block_locate(table, i, &block);
        if (!block.direct || !cramfs_block_extent(table, i, &block, &extent) ||
            (extent.kind != CRAMFS_EXTENT_IN_PLACE && extent.kind != CRAMFS_EXTENT_STORED))
            continue;
        int error = use_page(cost, &extent, file);
        if (error)
            return error;
    }
    return 0;
}
