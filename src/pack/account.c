/* The result of a plan: in numbers, and as extents. */
#include "pack/plan_parts.h"

static uint64_t count_in_place(const struct cramfs_plan *plan)
{
    uint64_t pages = 0;
    for (size_t i = 0; i < plan->arrangement.pieces_count; i++)
        pages += plan->arrangement.pieces[i].in_place;
    return pages;
}

static void add_length(struct cramfs_plan_summary *summary, const struct cramfs_plan *plan,
                       const struct spot *spot)
{
    if (spot->kind == SPOT_INSERT) {
        summary->inserted = spot->length;
        return;
    }
    if (spot->kind != SPOT_PIECE) {
        summary->metadata += spot->length;
        return;
    }
    const struct piece *piece = &plan->arrangement.pieces[spot->index];
    switch (plan->encoded.store.blocks[piece->block].form) {
    case FORM_DEFLATED:
        summary->deflated += spot->length;
        break;
    case FORM_STORED:
        summary->stored += spot->length;
        break;
    case FORM_IN_PLACE:
        summary->in_place += spot->length;
        break;
    }
}

void plan_summarise(struct cramfs_plan *plan)
{
    struct cramfs_plan_summary *summary = &plan->summary;
    *summary = (struct cramfs_plan_summary){
        .budget = summary->budget,
        .split = summary->split,
        .like = summary->like,
        .image_size = plan->layout.image_size,
        .in_place_pages = count_in_place(plan),
        .hole_blocks = plan->arrangement.hole_slots,
        .shared_blocks = plan->arrangement.shared_slots,
        .inodes_shared = plan->arrangement.inodes_shared,
        .files = plan->tree->nodes_count,
        .extended = plan->parts.super.flags & CRAMFS_FLAG_EXT_BLOCK_POINTERS,
    };
    for (size_t i = 0; i < plan->layout.spots_count; i++)
        add_length(summary, plan, &plan->layout.spots[i]);
    summary->gaps = summary->image_size - summary->metadata - summary->deflated - summary->stored -
                    summary->in_place - summary->inserted;
    for (uint32_t i = 0; i < plan->tree->nodes_count; i++)
        summary->files_size += plan->tree->nodes[i]->size;
}

static enum cramfs_extent_kind piece_kind(const struct cramfs_plan *plan, const struct piece *piece)
{
    switch (plan->encoded.store.blocks[piece->block].form) {
    case FORM_DEFLATED:
        return CRAMFS_EXTENT_DEFLATED;
    case FORM_STORED:
        break;
    case FORM_IN_PLACE:
        return CRAMFS_EXTENT_IN_PLACE;
    }
    /*
     * A kernel could map a stored head that happens to begin at a page boundary; without an MMU,
     * any stored head.
     */
    bool anywhere = plan->options.kernel == CRAMFS_KERNEL_NOMMU;
    return piece->head && (anywhere || piece->offset % plan->options.page_size == 0)
               ? CRAMFS_EXTENT_IN_PLACE
               : CRAMFS_EXTENT_STORED;
}

static struct cramfs_extent spot_extent(const struct cramfs_plan *plan, const struct spot *spot)
{
    struct cramfs_extent extent = {.offset = spot->offset, .length = spot->length};
    switch (spot->kind) {
    case SPOT_INSERT:
    case SPOT_BOOT:
        extent.kind = CRAMFS_EXTENT_BOOT;
        break;
    case SPOT_SUPER:
        extent.kind = CRAMFS_EXTENT_SUPER;
        break;
    case SPOT_DIRECTORY:
        extent.kind = CRAMFS_EXTENT_DIRECTORY;
        extent.owner = spot->index;
        break;
    case SPOT_TABLE:
        extent.kind = CRAMFS_EXTENT_TABLE;
        extent.owner = plan->arrangement.tables[spot->index].node;
        break;
    case SPOT_PIECE: {
        const struct piece *piece = &plan->arrangement.pieces[spot->index];
        extent.kind = piece_kind(plan, piece);
        extent.owner = plan->arrangement.tables[piece->first_table].node;
        extent.first_block = piece->first_slot;
        extent.blocks = 1;
        extent.prefix = spot->length - plan->encoded.store.blocks[piece->block].length;
        break;
    }
    case SPOT_ZERO_WORD:
        extent.kind = CRAMFS_EXTENT_HOLE;
        extent.owner = plan->arrangement.tables[spot->index].node;
        break;
    }
    return extent;
}

int cramfs_plan_extents(const struct cramfs_plan *plan, struct cramfs_extents *extents)
{
    for (size_t i = 0; i < plan->layout.spots_count; i++) {
        /* Inserted bytes belong to nothing in the image: a reader finds a gap. */
        if (plan->layout.spots[i].kind == SPOT_INSERT)
            continue;
        struct cramfs_extent extent = spot_extent(plan, &plan->layout.spots[i]);
        int error = cramfs_extents_add(extents, &extent);
        if (error)
            return error;
    }
    cramfs_extents_merge(extents);
    return 0;
}
