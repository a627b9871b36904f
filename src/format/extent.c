#include "cramfs/extent.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "cramfs/diag.h"

void cramfs_extents_free(struct cramfs_extents *extents)
{
    if (!extents)
        return;
    free(extents->list);
    memset(extents, 0, sizeof(*extents));
}

int cramfs_extents_add(struct cramfs_extents *extents, const struct cramfs_extent *extent)
{
    if (!ARRAY_GROW(extents, list))
        return -CRAMFS_ERR_MEMORY;
    extents->list[extents->list_count++] = *extent;
    return 0;
}

/* The bytes that a faulty block claims are no gap, though nobody can read them. */
static bool fault_extent(const struct cramfs_table *table, const struct cramfs_block *block,
                         struct cramfs_extent *extent)
{
    uint64_t prefix = block->prefixed ? CRAMFS_DIRECT_PREFIX : 0;
    uint64_t size = table->reader->size;
    bool placed = block->fault == CRAMFS_BLOCK_TOO_LONG || block->fault == CRAMFS_BLOCK_OUTSIDE ||
                  (block->fault == CRAMFS_BLOCK_PREFIX_OUTSIDE && block->direct);
    extent->kind = CRAMFS_EXTENT_FAULTY;
    extent->offset = block->offset - prefix;
    if (!placed || extent->offset >= size)
        return false;
    extent->length = block->length + prefix;
    if (block->fault == CRAMFS_BLOCK_PREFIX_OUTSIDE || extent->length > size - extent->offset)
        extent->length = size - extent->offset;
    return true;
}

static bool tail_extent(const struct cramfs_table *table, const struct cramfs_block *block,
                        struct cramfs_extent *extent)
{
    bool aligned = block->offset % table->page_size == 0;
    uint64_t size = table->reader->size;
    extent->kind = aligned ? CRAMFS_EXTENT_IN_PLACE : CRAMFS_EXTENT_STORED;
    extent->offset = block->offset;
    extent->length = table->page_size;
    return extent->offset <= size && extent->length <= size - extent->offset;
}

bool cramfs_block_extent(const struct cramfs_table *table, uint32_t index,
                         const struct cramfs_block *block, struct cramfs_extent *extent)
{
    *extent = (struct cramfs_extent){.first_block = index, .blocks = 1};
    if (block->fault)
        return fault_extent(table, block, extent);
    if (cramfs_block_loses_tail(table, index, block))
        return tail_extent(table, block, extent);
    uint64_t prefix = block->prefixed ? CRAMFS_DIRECT_PREFIX : 0;
    extent->offset = block->offset - prefix;
    extent->length = block->length + prefix;
    if (block->kind == CRAMFS_BLOCK_DEFLATED) {
        extent->kind = CRAMFS_EXTENT_DEFLATED;
    } else if (block->kind == CRAMFS_BLOCK_STORED) {
        extent->kind =
            cramfs_block_in_place(table, block) ? CRAMFS_EXTENT_IN_PLACE : CRAMFS_EXTENT_STORED;
    } else {
        extent->kind = CRAMFS_EXTENT_HOLE;
        extent->first_block = extent->blocks = 0;
    }
    return extent->length != 0;
}

/* Stable by offset and length: a merge sort, bottom up, since qsort keeps no order among equals. */
static bool in_order(const struct cramfs_extent *first, const struct cramfs_extent *second)
{
    if (first->offset != second->offset)
        return first->offset < second->offset;
    return first->length <= second->length;
}

static void merge_runs(const struct cramfs_extent *from, size_t left, size_t middle, size_t right,
                       struct cramfs_extent *to)
{
    size_t i = left;
    size_t j = middle;
    for (size_t k = left; k < right; k++) {
        if (j >= right || (i < middle && in_order(&from[i], &from[j])))
            to[k] = from[i++];
        else
            to[k] = from[j++];
    }
}

static bool already_sorted(const struct cramfs_extents *extents)
{
    for (size_t i = 1; i < extents->list_count; i++) {
        if (!in_order(&extents->list[i - 1], &extents->list[i]))
            return false;
    }
    return true;
}

static int sort_stable(struct cramfs_extents *extents)
{
    size_t count = extents->list_count;
    if (already_sorted(extents))
        return 0;
    struct cramfs_extent *other = malloc(count * sizeof(*other));
    if (!other)
        return -CRAMFS_ERR_MEMORY;
    for (size_t width = 1; width < count; width *= 2) {
        for (size_t left = 0; left < count; left += 2 * width) {
            size_t middle = left + width < count ? left + width : count;
            size_t right = middle + width < count ? middle + width : count;
            merge_runs(extents->list, left, middle, right, other);
        }
        struct cramfs_extent *sorted = other;
        other = extents->list;
        extents->list = sorted;
    }
    free(other);
    extents->list_capacity = count;
    return 0;
}

static bool same_bytes(const struct cramfs_extent *a, const struct cramfs_extent *b)
{
    return a->offset == b->offset && a->length == b->length && a->kind == b->kind;
}

int cramfs_extents_sort(struct cramfs_extents *extents)
{
    int error = sort_stable(extents);
    if (error)
        return error;
    size_t kept = 0;
    for (size_t i = 0; i < extents->list_count; i++) {
        if (kept && same_bytes(&extents->list[kept - 1], &extents->list[i]))
            continue;
        extents->list[kept++] = extents->list[i];
    }
    extents->list_count = kept;
    return 0;
}

static bool follows(const struct cramfs_extent *first, const struct cramfs_extent *second)
{
    return first->blocks && second->blocks && first->kind == second->kind &&
           first->owner == second->owner && first->offset + first->length == second->offset &&
           first->first_block + first->blocks == second->first_block;
}

void cramfs_extents_merge(struct cramfs_extents *extents)
{
    size_t kept = 0;
    for (size_t i = 0; i < extents->list_count; i++) {
        const struct cramfs_extent *extent = &extents->list[i];
        if (kept && follows(&extents->list[kept - 1], extent)) {
            extents->list[kept - 1].length += extent->length;
            extents->list[kept - 1].blocks += extent->blocks;
            continue;
        }
        extents->list[kept++] = *extent;
    }
    extents->list_count = kept;
}

const char *cramfs_extent_kind_name(enum cramfs_extent_kind kind)
{
    static const char *const names[] = {
        [CRAMFS_EXTENT_BOOT] = "boot",           [CRAMFS_EXTENT_SUPER] = "superblock",
        [CRAMFS_EXTENT_DIRECTORY] = "directory", [CRAMFS_EXTENT_TABLE] = "table",
        [CRAMFS_EXTENT_DEFLATED] = "deflated",   [CRAMFS_EXTENT_STORED] = "stored",
        [CRAMFS_EXTENT_IN_PLACE] = "in-place",   [CRAMFS_EXTENT_FAULTY] = "faulty",
        [CRAMFS_EXTENT_HOLE] = "hole",
    };
    return names[kind];
}
