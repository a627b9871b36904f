/* Fitting one table into the place of one old file: the state of keep_table.c, keep_head.c and
 * keep_run.c. */
#ifndef CRAMFS_PACK_LIKE_FITTING_H
#define CRAMFS_PACK_LIKE_FITTING_H

#include "cramfs/block.h"
#include "pack/like/keep.h"

/* How an old block is used so far. */
enum use { USE_NONE, USE_PLAIN, USE_HEAD, USE_REWRITTEN };

#define NOWHERE UINT64_MAX

struct keep_fitting {
    struct keeping *keeping;
    const struct old_file *file;
    const struct content *content;
    const uint32_t *refs;
    struct kept_slot *slots; /* of the table */
    bool raw;                /* its blocks are to be stored */
    bool stays;
    uint64_t end;     /* where the block before ended; NOWHERE when that is unknown */
    uint64_t kept;    /* bytes of blocks that stay and could move */
    uint64_t moved;   /* bytes of blocks that move in any case */
    uint64_t written; /* bytes of blocks that are rewritten where they are */
    uint64_t erased;  /* how many more erase blocks differ if it stays */
};

static inline const struct old_slot *slot_of(const struct keep_fitting *fitting, uint32_t slot)
{
    return &fitting->keeping->old->slots[fitting->file->first_slot + slot];
}

static inline const struct old_block *block_of(const struct keep_fitting *fitting, uint32_t slot)
{
    return &fitting->keeping->old->blocks[slot_of(fitting, slot)->block];
}

static inline bool fitting_separate(const struct keep_fitting *fitting)
{
    return fitting->keeping->options->kernel == CRAMFS_KERNEL_NOMMU;
}

/* Where the piece of an old slot begins. */
static inline uint64_t piece_offset(const struct old_slot *slot, const struct old_block *block)
{
    bool prefixed = slot->direct && !block->stored;
    return block->offset - (prefixed ? CRAMFS_DIRECT_PREFIX : 0);
}

static inline bool in_place(const struct keep_fitting *fitting, uint32_t slot)
{
    uint32_t ref = fitting->refs[slot];
    return ref != REF_HOLE && fitting->keeping->encoded->store.blocks[ref].form == FORM_IN_PLACE;
}

/* Whether a pointer still leads to the old slot's block, and its bytes are not in other use. */
bool fitting_reachable(const struct keep_fitting *fitting, uint32_t slot);

/* Counts the erase blocks of these bytes that do not differ yet. */
static inline void fitting_erases(struct keep_fitting *fitting, uint64_t offset, uint64_t length)
{
    fitting->erased += erase_blocks_unchanged(&fitting->keeping->erase_blocks, offset, length);
}

/*
 * Keeps the unchanged deflated block of a slot, with a direct pointer instead of its plain one.
 * Returns false, and changes nothing, when there is no room for its length before it.
 */
bool fit_head(struct keep_fitting *fitting, uint32_t slot);

/* Keeps each run in place where it was, or not at all. Returns 0 or -CRAMFS_ERR_MEMORY. */
int fit_runs(struct keep_fitting *fitting);

#endif
