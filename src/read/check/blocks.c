/*
 * Blocks: one pass over the sorted extents finds overlaps and gaps, and sends every deflated block
 * once to the workers.
 */
#include <inttypes.h>

#include "read/check/inflating.h"

/*
 * A last page in place is mapped whole: when other bytes than zeroes follow the file's end in it,
 * the kernel does not map it.
 */
static void check_tail(const struct checking *checking, const struct cramfs_extent *extent)
{
    struct cramfs_table table =
        cramfs_image_table(checking->image, &checking->survey->entries.list[extent->owner].inode);
    uint64_t rest = checking->image->page_size - extent->length;
    if (cramfs_last_page_shared(&table, extent->offset))
        report_finding(checking->listener, CRAMFS_RULE_TAIL_SHARED,
                       in_block(extent->owner, extent->first_block, extent->offset),
                       "not all of the %" PRIu64
                       " bytes from the end of the file to the end of its page are zero",
                       rest);
}

static void check_stored(const struct checking *checking, size_t number)
{
    const struct cramfs_extent *extent = &checking->survey->extents.list[number];
    struct cramfs_block block = checked_block(checking, extent->owner, extent->first_block);
    if (block.kind != CRAMFS_BLOCK_STORED) /* a lost tail, reported already */
        return;
    checking->contents[number].written = (uint32_t)block.length;
    if (extent->kind == CRAMFS_EXTENT_IN_PLACE && block.length < checking->image->page_size &&
        block.offset % checking->image->page_size == 0)
        check_tail(checking, extent);
}

/* Bytes [begin, end) belong to nothing; alignment and fill are zeroes. */
static void check_gap(const struct checking *checking, uint64_t begin, uint64_t end)
{
    const unsigned char *bytes = cramfs_image_bytes(checking->image, begin, end - begin);
    for (uint64_t i = 0; bytes && i < end - begin; i++) {
        if (bytes[i]) {
            report_finding(checking->listener, CRAMFS_RULE_UNOWNED_BYTES, in_image(begin + i),
                           "the %" PRIu64 " bytes from here on belong to nothing and are not zero",
                           end - begin - i);
            return;
        }
    }
}

static bool is_metadata(const struct cramfs_extent *extent)
{
    return extent->kind == CRAMFS_EXTENT_SUPER || extent->kind == CRAMFS_EXTENT_DIRECTORY ||
           extent->kind == CRAMFS_EXTENT_TABLE;
}

static void report_overlap(const struct checking *checking, const struct cramfs_extent *extent,
                           const struct cramfs_extent *before)
{
    char path[CRAMFS_PATH_SIZE];
    char shown[96];
    size_t length =
        cramfs_entry_path(&checking->survey->entries, before->owner, path, sizeof(path));
    uint32_t block = extent->blocks ? extent->first_block : CRAMFS_NO_BLOCK;
    bool metadata = is_metadata(extent) || is_metadata(before);
    report_finding(
        checking->listener, metadata ? CRAMFS_RULE_BLOCK_IN_METADATA : CRAMFS_RULE_BLOCK_OVERLAP,
        in_block(extent->owner, block, extent->offset),
        "its bytes up to offset %" PRIu64 " overlap the %s from %" PRIu64 " to %" PRIu64 " of %s",
        extent->offset + extent->length, cramfs_extent_kind_name(before->kind), before->offset,
        before->offset + before->length, cramfs_escape(path, length, shown, sizeof(shown)));
}

static bool is_stored(const struct cramfs_extent *extent)
{
    return extent->kind == CRAMFS_EXTENT_STORED || extent->kind == CRAMFS_EXTENT_IN_PLACE;
}

/*
 * A last block may share the first bytes of a longer stored block. A faulty block has been reported
 * already.
 */
static bool may_overlap(const struct cramfs_extent *a, const struct cramfs_extent *b)
{
    if (a->kind == CRAMFS_EXTENT_FAULTY || b->kind == CRAMFS_EXTENT_FAULTY)
        return true;
    return is_stored(a) && is_stored(b) && a->offset == b->offset;
}

static int visit_extents(struct inflating *inflating)
{
    const struct checking *checking = inflating->checking;
    const struct cramfs_extents *extents = &checking->survey->extents;
    const struct cramfs_extent *furthest = NULL;
    uint64_t reach = 0;
    for (size_t i = 0; i < extents->list_count; i++) {
        const struct cramfs_extent *extent = &extents->list[i];
        bool overlaps = extent->offset < reach && !may_overlap(furthest, extent);
        if (extent->offset > reach)
            check_gap(checking, reach, extent->offset);
        int error = 0;
        if (overlaps)
            report_overlap(checking, extent, furthest);
        else if (is_stored(extent))
            check_stored(checking, i);
        else if (extent->kind == CRAMFS_EXTENT_DEFLATED)
            error = inflating_add(inflating, i);
        if (error)
            return error;
        if (extent->offset + extent->length > reach) {
            reach = extent->offset + extent->length;
            furthest = extent;
        }
    }
    if (checking->image->reader.size > reach)
        check_gap(checking, reach, checking->image->reader.size);
    return 0;
}

int check_blocks(const struct checking *checking)
{
    struct inflating inflating;
    int error = inflating_start(&inflating, checking);
    if (error)
        return error;
    error = visit_extents(&inflating);
    inflating_finish(&inflating);
    return error;
}
