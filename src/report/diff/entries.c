/*
 * Two entries compared.
 */
#include <sys/stat.h>

#include "report/diff/diff.h"

struct comparing {
    const struct cramfs_view *const *views;
    struct diff_contents *contents;
};

static const struct cramfs_inode *inode_of(const struct comparing *comparing, int side,
                                           uint32_t entry)
{
    return &comparing->views[side]->survey->entries.list[entry].inode;
}

/* A page in place in both that holds the same, at another offset: flash that changes for nothing.
 */
static int count_moved(const struct comparing *comparing, struct cramfs_change *change)
{
    struct cramfs_table tables[2];
    uint32_t blocks[2];
    for (int side = 0; side < 2; side++) {
        tables[side] = cramfs_image_table(comparing->views[side]->image,
                                          inode_of(comparing, side, change->entries[side]));
        blocks[side] = cramfs_block_count(tables[side].size, tables[side].page_size);
    }
    if (tables[0].page_size != tables[1].page_size)
        return 0;
    for (uint32_t i = 0; i < blocks[0] && i < blocks[1]; i++) {
        struct cramfs_block found[2];
        uint32_t numbers[2];
        int error = 0;
        for (int side = 0; side < 2; side++)
            cramfs_block_locate(&tables[side], i, &found[side]);
        if (!cramfs_block_in_place(&tables[0], &found[0]) ||
            !cramfs_block_in_place(&tables[1], &found[1]) || found[0].offset == found[1].offset)
            continue;
        for (int side = 0; !error && side < 2; side++)
            error = contents_page(comparing->contents, side, &found[side], 0, &numbers[side]);
        if (error)
            return error;
        change->moved += numbers[0] == numbers[1];
    }
    return 0;
}

static int compare_contents(const struct comparing *comparing, struct cramfs_change *change)
{
    const struct cramfs_inode *before = inode_of(comparing, 0, change->entries[0]);
    const struct cramfs_inode *after = inode_of(comparing, 1, change->entries[1]);
    if (S_ISDIR(before->mode))
        return 0;
    if (before->size != after->size)
        change->what |= CRAMFS_CHANGED_CONTENT;
    if (!S_ISREG(before->mode) && !S_ISLNK(before->mode))
        return 0;
    uint32_t numbers[2];
    int error = 0;
    for (int side = 0; !error && side < 2; side++)
        error = contents_file(comparing->contents, side, change->entries[side], &numbers[side]);
    if (error)
        return error;
    if (numbers[0] != numbers[1])
        change->what |= CRAMFS_CHANGED_CONTENT;
    /* Once for each inode: a hostile image can have many names of one file. */
    for (int side = 0; side < 2; side++) {
        uint32_t entry = change->entries[side];
        if (comparing->views[side]->survey->inode[entry] != entry)
            return 0;
    }
    return count_moved(comparing, change);
}

int diff_entries(const struct cramfs_view *const views[2], struct diff_contents *contents,
                 struct cramfs_change *change)
{
    const struct comparing both = {views, contents};
    const struct comparing *comparing = &both;
    const struct cramfs_inode *before = inode_of(comparing, 0, change->entries[0]);
    const struct cramfs_inode *after = inode_of(comparing, 1, change->entries[1]);
    if ((before->mode ^ after->mode) & S_IFMT)
        change->what |= CRAMFS_CHANGED_TYPE;
    if ((before->mode ^ after->mode) & 07777)
        change->what |= CRAMFS_CHANGED_MODE;
    if (before->uid != after->uid || before->gid != after->gid)
        change->what |= CRAMFS_CHANGED_OWNER;
    if (change->in_place[0] != change->in_place[1])
        change->what |= CRAMFS_CHANGED_IN_PLACE;
    int error = change->what & CRAMFS_CHANGED_TYPE ? 0 : compare_contents(comparing, change);
    if (change->moved)
        change->what |= CRAMFS_CHANGED_MOVED;
    return error;
}
