#include "report/usage/sharing.h"

#include <stdlib.h>

struct usage_sharing {
    const struct cramfs_view *view;
    bool *shared;
    uint64_t *borrowed;
    struct cramfs_savings *savings;
    uint32_t *last_user; /* by extent: the inode that was last seen to use it */
    uint64_t *footprint; /* by inode: the bytes of its table and blocks */
    bool *named_twice;   /* by inode */
};

static void use_extent(struct usage_sharing *sharing, uint32_t inode,
                       const struct cramfs_extent *used)
{
    const struct cramfs_extents *extents = &sharing->view->survey->extents;
    size_t number = cramfs_extents_find(extents, used, 0);
    if (number >= extents->list_count)
        return;
    bool own = extents->list[number].owner == inode;
    sharing->shared[number] |= sharing->named_twice[inode];
    bool first = sharing->last_user[number] != inode;
    sharing->last_user[number] = inode;
    if (!own && first) {
        sharing->borrowed[inode] += used->length;
        sharing->shared[number] = true;
    }
    if (!own || !first) {
        sharing->savings->shared_blocks++;
        sharing->savings->shared_bytes += used->length;
    }
}

static void follow_pointers(struct usage_sharing *sharing, uint32_t inode)
{
    const struct cramfs_survey *survey = sharing->view->survey;
    struct cramfs_table table =
        cramfs_image_table(sharing->view->image, &survey->entries.list[inode].inode);
    uint32_t blocks = cramfs_block_count(table.size, table.page_size);
    sharing->footprint[inode] = (uint64_t)blocks * CRAMFS_POINTER_SIZE;
    for (uint32_t i = 0; i < blocks; i++) {
        struct cramfs_block block;
        struct cramfs_extent extent;
        cramfs_block_locate(&table, i, &block);
        bool has_bytes = cramfs_block_extent(&table, i, &block, &extent);
        if (!block.fault && (!has_bytes || extent.kind == CRAMFS_EXTENT_HOLE)) {
            sharing->savings->holes++;
            sharing->savings->hole_bytes += block.file_bytes;
        } else if (has_bytes && extent.kind != CRAMFS_EXTENT_FAULTY) {
            sharing->footprint[inode] += extent.length;
            use_extent(sharing, inode, &extent);
        }
    }
}

static void count_twin(struct usage_sharing *sharing, uint32_t entry, uint32_t inode)
{
    sharing->savings->shared_inodes++;
    sharing->savings->inode_bytes += sharing->footprint[inode];
    sharing->borrowed[entry] += sharing->footprint[inode];
}

/* Tables are no blocks that a pointer leads to, so their extents are looked at by themselves. */
static void mark_names(struct usage_sharing *sharing)
{
    const struct cramfs_survey *survey = sharing->view->survey;
    for (uint32_t i = 0; i < survey->entries.list_count; i++) {
        if (survey->inode[i] != CRAMFS_NO_ENTRY && survey->inode[i] != i)
            sharing->named_twice[survey->inode[i]] = true;
    }
    for (size_t i = 0; i < survey->extents.list_count; i++) {
        const struct cramfs_extent *extent = &survey->extents.list[i];
        sharing->last_user[i] = CRAMFS_NO_ENTRY;
        if (extent->kind == CRAMFS_EXTENT_TABLE)
            sharing->shared[i] = sharing->named_twice[extent->owner];
    }
}

static void follow_entries(struct usage_sharing *sharing)
{
    const struct cramfs_survey *survey = sharing->view->survey;
    for (uint32_t i = 0; i < survey->entries.list_count; i++) {
        if (survey->inode[i] == i)
            follow_pointers(sharing, i);
        else if (survey->inode[i] != CRAMFS_NO_ENTRY)
            count_twin(sharing, i, survey->inode[i]);
    }
}

int sharing_find(const struct cramfs_view *view, bool *shared, uint64_t *borrowed,
                 struct cramfs_savings *savings)
{
    size_t extents = view->survey->extents.list_count;
    uint32_t entries = view->survey->entries.list_count;
    struct usage_sharing sharing = {
        .view = view,
        .shared = shared,
        .borrowed = borrowed,
        .savings = savings,
        .last_user = malloc((extents + 1) * sizeof(*sharing.last_user)),
        .footprint = calloc(entries, sizeof(*sharing.footprint)),
        .named_twice = calloc(entries, sizeof(*sharing.named_twice)),
    };
    int error = -CRAMFS_ERR_MEMORY;
    if (sharing.last_user && sharing.footprint && sharing.named_twice) {
        mark_names(&sharing);
        follow_entries(&sharing);
        error = 0;
    }
    free(sharing.last_user);
    free(sharing.footprint);
    free(sharing.named_twice);
    return error;
}
