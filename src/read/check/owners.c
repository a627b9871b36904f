/*
 * Owners: compares each file that has a block with the block's contents.
 *
 * Files share blocks, and each file has its own number of bytes there: a block can be right for one
 * file and too long for another. The contents of each block are known by now, so a comparison is
 * cheap.
 */
#include <inttypes.h>
#include <sys/stat.h>

#include "read/check/inflating.h"
#include "read/judge.h"

/* One file, and where its last block was found in the sorted extents. */
struct owner {
    uint32_t entry;
    struct cramfs_table table;
    bool link;
    size_t guess;
};

static uint32_t text_of(const struct checking *checking, const struct cramfs_block *block,
                        struct block_contents *contents)
{
    if (contents->text == CONTENTS_UNKNOWN) {
        const unsigned char *bytes =
            cramfs_image_bytes(checking->image, block->offset, contents->written);
        contents->text = bytes ? judge_text_length(bytes, contents->written) : 0;
    }
    return contents->text;
}

static void check_target(const struct checking *checking, const struct cramfs_block *block,
                         uint32_t text, struct finding_place place)
{
    if (judge_target_cut(block->file_bytes, text))
        report_finding(checking->listener, CRAMFS_RULE_LINK_NUL, place,
                       "the target has a NUL byte after %" PRIu32 " of its %" PRIu32 " bytes", text,
                       block->file_bytes);
}

/*
 * All files with a whole page in the block would have the same finding: only the first reports it.
 */
static void check_length(const struct checking *checking, const struct cramfs_block *block,
                         struct block_contents *contents, struct finding_place place)
{
    uint32_t written = contents->written;
    bool whole = block->file_bytes == checking->image->page_size;
    if (written == block->file_bytes || (whole && contents->reported))
        return;
    contents->reported |= whole;
    report_finding(
        checking->listener,
        written > block->file_bytes ? CRAMFS_RULE_BLOCK_PAST_END : CRAMFS_RULE_BLOCK_SHORT, place,
        "it %s %" PRIu32 " bytes, and the file has %" PRIu32 " bytes there",
        block->kind == CRAMFS_BLOCK_STORED ? "stores" : "inflates to", written, block->file_bytes);
}

static void check_block(const struct checking *checking, struct owner *owner, uint32_t index)
{
    const struct cramfs_extents *extents = &checking->survey->extents;
    struct cramfs_block block;
    struct cramfs_extent extent;
    cramfs_block_locate(&owner->table, index, &block);
    struct finding_place place = in_block(owner->entry, index, block.offset);
    if (block.fault)
        return;
    if (block.kind == CRAMFS_BLOCK_HOLE) {
        if (owner->link)
            check_target(checking, &block, 0, place);
        return;
    }
    cramfs_block_extent(&owner->table, index, &block, &extent);
    size_t number = cramfs_extents_find(extents, &extent, owner->guess);
    if (number == extents->list_count)
        return;
    owner->guess = number + 1;
    struct block_contents *contents = &checking->contents[number];
    if (contents->written == CONTENTS_UNKNOWN)
        return;
    check_length(checking, &block, contents, place);
    if (owner->link)
        check_target(checking, &block, text_of(checking, &block, contents), place);
}

/*
 * Other names of a file are left out: they are the same inode, or a hazard that has been reported.
 * A link has one block, so each of its names is checked.
 */
void check_owners(const struct checking *checking)
{
    const struct cramfs_survey *survey = checking->survey;
    for (uint32_t i = 0; i < survey->entries.list_count; i++) {
        const struct cramfs_inode *inode = &survey->entries.list[i].inode;
        struct owner owner = {.entry = i, .link = S_ISLNK(inode->mode)};
        bool first = survey->inode[i] == i;
        if (!first && (!owner.link || !cramfs_survey_has_blocks(survey, i)))
            continue;
        owner.table = cramfs_image_table(checking->image, inode);
        uint32_t blocks = cramfs_block_count(owner.table.size, owner.table.page_size);
        for (uint32_t k = 0; k < (first ? blocks : 1); k++)
            check_block(checking, &owner, k);
    }
}
