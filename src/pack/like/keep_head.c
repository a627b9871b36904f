/*
 * Heads for blocks that stay.
 *
 * The block before such a block has left its chain, so a plain pointer leads nowhere. A direct
 * pointer needs the block's length before it, and a multiple of 4 to begin at. The bytes before the
 * block are free, so the length goes there; the block moves by up to 3 bytes, which become zeroes
 * after it. Its end stays, so the blocks after it keep their plain pointers.
 *
 *     old chain | A          | B      | C      |
 *     new chain | free    l  | B    00| C      |      A went in place; l is the length of B
 */
#include "pack/like/fitting.h"

/* Whether the bytes right before the block were the old file's: of its table, or of the slot
 * before. */
static bool follows_own_bytes(const struct keep_fitting *fitting, uint32_t slot)
{
    const struct old_file *file = fitting->file;
    uint64_t end = file->table + (uint64_t)file->slots_count * CRAMFS_POINTER_SIZE;
    if (slot) {
        if (slot_of(fitting, slot - 1)->block == OLD_NONE)
            return false;
        end = block_of(fitting, slot - 1)->offset + block_of(fitting, slot - 1)->length;
    }
    return end == block_of(fitting, slot)->offset;
}

bool fit_head(struct keep_fitting *fitting, uint32_t slot)
{
    struct keeping *keeping = fitting->keeping;
    if (keeping->options->legacy || slot >= fitting->file->slots_count ||
        slot_of(fitting, slot)->block == OLD_NONE)
        return false;
    const struct old_slot *old = slot_of(fitting, slot);
    const struct old_block *block = block_of(fitting, slot);
    if (old->direct || block->stored || keeping->uses[old->block] != USE_NONE ||
        !follows_own_bytes(fitting, slot))
        return false;
    uint64_t offset =
        (block->offset - CRAMFS_DIRECT_PREFIX) / CRAMFS_DIRECT_ALIGN * CRAMFS_DIRECT_ALIGN;
    uint64_t end = block->offset + block->length;
    if (end - offset - CRAMFS_DIRECT_PREFIX > UINT16_MAX || offset < keeping->front ||
        !room_is_free(&keeping->room, offset, end - offset) ||
        !old_serves(keeping->old, keeping->encoded, old, fitting->content, slot, fitting->raw))
        return false;
    fitting->written += end - offset;
    fitting_erases(fitting, offset, end - offset);
    keeping->uses[old->block] = USE_REWRITTEN;
    fitting->slots[slot] =
        (struct kept_slot){.offset = offset, .block = fitting->refs[slot], .head = true};
    fitting->end = end;
    return true;
}
