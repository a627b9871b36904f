/*
 * Arranging one table after the other: the state that runs and chains share.
 *
 * arrange.c goes over the tables twice. First arrange_runs() sets the slots in place of all tables
 * and adds their pieces, so that no block with the same bytes needs to be stored as well. Then
 * arrange_chains() sets the other slots; their pieces belong to the table, one after the other.
 */
#ifndef CRAMFS_PACK_LAYOUT_ARRANGING_H
#define CRAMFS_PACK_LAYOUT_ARRANGING_H

#include "pack/layout/arrangement.h"
#include "pack/layout/kept.h"

#define NO_SLOT UINT32_MAX

/* The current table. */
struct cursor {
    uint32_t number;
    struct table *table;
    const uint32_t *refs;
    uint32_t slots;
    uint32_t size;
    const struct kept_slot *kept; /* which of its slots stay; NULL: none */
    uint32_t before_last;         /* slot that must have a piece of its own; NO_SLOT: none */
    uint32_t previous;            /* piece of the last slot that is not a hole; NO_PIECE at first */
};

struct arranging {
    const struct cramfs_tree *tree;
    const struct cramfs_plan_options *options;
    struct encoded_tree *encoded;
    const struct kept *kept; /* NULL: nothing stays */
    struct arrangement *out;
    struct cramfs_diags *diags;
    struct cursor at;
    uint32_t *shareable; /* by block of the tree: the first piece to share, or NO_PIECE */
    size_t shareable_count;
    size_t shareable_capacity;
    struct hash_index fixed_index;    /* pieces that stay, by offset */
    struct hash_index runs_index;     /* first pieces of runs in place, by the blocks of the run */
    struct cramfs_deflater *deflater; /* for deflate_anyway(), created when needed */
    bool large; /* plain pointers may not reach everywhere: no block may need one */
};

/* The block of the tree that a piece encodes, maybe as in an older image. */
static inline uint32_t arranging_original(const struct arranging *arranging, uint32_t block)
{
    return arranging->kept ? kept_original(arranging->kept, block) : block;
}

/* The first piece to share among those with a block of the tree, or NO_PIECE. */
static inline uint32_t arranging_shareable(const struct arranging *arranging, uint32_t block)
{
    return block < arranging->shareable_count ? arranging->shareable[block] : NO_PIECE;
}

/*
 * A kernel without MMU keeps direct mappings by address: a mapping that begins where another
 * inode's (or a shorter one of the same inode) begins is a BUG(). So blocks that could be mapped
 * there are never shared.
 */
static inline bool arranging_separate(const struct arranging *arranging)
{
    return arranging->options->kernel == CRAMFS_KERNEL_NOMMU;
}

static inline bool slot_in_place(const struct arranging *arranging, uint32_t slot)
{
    return slot < arranging->at.slots && arranging->at.refs[slot] != REF_HOLE &&
           arranging->encoded->store.blocks[arranging->at.refs[slot]].form == FORM_IN_PLACE;
}

static inline bool slot_kept(const struct arranging *arranging, uint32_t slot)
{
    return arranging->at.kept && slot < arranging->at.slots &&
           arranging->at.kept[slot].block != NO_BLOCK;
}

/*
 * Adds a piece that belongs to the slot's table. Returns 0 or -CRAMFS_ERR_MEMORY, as all functions
 * that add.
 */
int arranging_add(struct arranging *arranging, uint32_t slot, uint32_t block, bool in_place);

/* Adds a piece that stays where the older image has it, for a slot that keeps its block. */
int arranging_add_fixed(struct arranging *arranging, uint32_t slot, bool in_place);

/* The piece that stays where the slot's block was, or NO_PIECE. */
uint32_t arranging_find_fixed(const struct arranging *arranging, const struct kept_slot *kept);

/* Sets the slot to a piece, or to SLOT_HOLE. */
void arranging_set(struct arranging *arranging, uint32_t slot, uint32_t piece);

/* The two halves of the current table. Return 0, or as arrange(). */
int arrange_runs(struct arranging *arranging);
int arrange_chains(struct arranging *arranging);

#endif
