/*
 * Fitting one table into the place of one old file: parts that its files share.
 */
#ifndef CRAMFS_PACK_LIKE_FITTING_H
#define CRAMFS_PACK_LIKE_FITTING_H

#include "cramfs/block.h"
#include "pack/like/keep.h"

/* What an old block is used for by now. */
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
    uint64_t end;     /* where the block before ended, NOWHERE when that is not known */
    uint64_t kept;    /* bytes of blocks that stay and could move */
    uint64_t moved;   /* bytes of blocks that move in any case */
    uint64_t written; /* bytes of blocks that are rewritten where they are */
    uint64_t erased;  /* erase blocks that staying makes differ, and did not yet */
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

/* Whether a pointer leads to the old slot still, and nobody else uses its bytes otherwise. */
bool fitting_reachable(const struct keep_fitting *fitting, uint32_t slot);

/* Each run in place stays where it was, or nowhere. Returns 0 or -CRAMFS_ERR_MEMORY. */
int fit_runs(struct keep_fitting *fitting);

#endif
