#include "cramfs/extent.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/lower_bound.h"
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

/*
 * The bytes that a faulty block claims are not a gap, though nobody can read them. With the
 * other faults, the block claims none. PREFIX_OUTSIDE of a plain block is about the length of the
 * block before it, so the plain block claims none, either.
 */
static bool fault_extent(const struct cramfs_table *table, const struct cramfs_block *block,
                         struct cramfs_extent *extent)
{
    uint64_t prefix = block->prefixed ? CRAMFS_DIRECT_PREFIX : 0;
    uint64_t size = table->reader->size;
    bool claims_bytes = block->fault == CRAMFS_BLOCK_TOO_LONG ||
                        block->fault == CRAMFS_BLOCK_OUTSIDE ||
                        (block->fault == CRAMFS_BLOCK_PREFIX_OUTSIDE && block->direct);
    extent->kind = CRAMFS_EXTENT_FAULTY;
    extent->offset = block->offset - prefix;
    if (!claims_bytes || extent->offset >= size)
        return false;
    extent->length = block->length + prefix;
    if (block->fault == CRAMFS_BLOCK_PREFIX_OUTSIDE || extent->length > size - extent->offset)
        extent->length = size - extent->offset;
    return true;
}

static bool tail_extent(const struct cramfs_table *table, const struct cramfs_block *block,
                        struct cramfs_extent *extent)
{
    bool mapped = table->unaligned || block->offset % table->page_size == 0;
    uint64_t size = table->reader->size;
    extent->kind = mapped ? CRAMFS_EXTENT_IN_PLACE : CRAMFS_EXTENT_STORED;
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
    extent->prefix = prefix;
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

static int compare(uint64_t a, uint64_t b)
{
    return a < b ? -1 : a > b;
}

/*
 * A total order, so that qsort() has one result: among equal extents, the one of the first owner
 * comes first.
 */
static int in_order(const void *first, const void *second)
{
    const struct cramfs_extent *a = first;
    const struct cramfs_extent *b = second;
    int order = compare(a->offset, b->offset);
    order = order ? order : compare(a->length, b->length);
    order = order ? order : compare(a->owner, b->owner);
    order = order ? order : compare(a->first_block, b->first_block);
    order = order ? order : compare(a->kind, b->kind);
    return order ? order : compare(a->prefix, b->prefix);
}

static bool is_alike(const struct cramfs_extent *a, const struct cramfs_extent *b)
{
    return a->kind == b->kind && a->prefix == b->prefix;
}

static bool same_bytes(const struct cramfs_extent *a, const struct cramfs_extent *b)
{
    return a->offset == b->offset && a->length == b->length && is_alike(a, b);
}

/*
 * Whether one of the first `count` extents has the same bytes and kind. Extents with the same bytes
 * are neighbours, at most two of each kind.
 */
static bool has_same(const struct cramfs_extent *list, size_t count,
                     const struct cramfs_extent *extent)
{
    while (count-- && list[count].offset == extent->offset && list[count].length == extent->length)
        if (is_alike(&list[count], extent))
            return true;
    return false;
}

void cramfs_extents_sort(struct cramfs_extents *extents)
{
    if (extents->list_count)
        qsort(extents->list, extents->list_count, sizeof(*extents->list), in_order);
    size_t kept = 0;
    for (size_t i = 0; i < extents->list_count; i++) {
        if (!has_same(extents->list, kept, &extents->list[i]))
            extents->list[kept++] = extents->list[i];
    }
    extents->list_count = kept;
}

/* By offset, then length. */
static bool is_before(const void *first, const void *second)
{
    const struct cramfs_extent *a = first;
    const struct cramfs_extent *b = second;
    return a->offset != b->offset ? a->offset < b->offset : a->length < b->length;
}

/* Extents of other kinds can have the same offset and length, and come first: skips them. */
size_t cramfs_extents_find(const struct cramfs_extents *extents, const struct cramfs_extent *wanted,
                           size_t guess)
{
    size_t count = extents->list_count;
    if (guess < count && same_bytes(&extents->list[guess], wanted))
        return guess;
    size_t i = lower_bound(wanted, extents->list, count, sizeof(*wanted), is_before);
    while (i < count && !is_before(wanted, &extents->list[i]) &&
           !is_alike(&extents->list[i], wanted))
        i++;
    return i < count && same_bytes(&extents->list[i], wanted) ? i : count;
}

static bool is_followed_by(const struct cramfs_extent *first, const struct cramfs_extent *second)
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
        if (kept && is_followed_by(&extents->list[kept - 1], extent)) {
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
