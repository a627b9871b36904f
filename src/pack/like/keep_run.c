/*
 * Whether runs in place of one table stay.
 *
 * A run stays as a whole or not at all. Its place follows from the first of its pages that was in
 * place before; the other pages must be there, or be free:
 *
 *     old run | p0 | p1 | p2 |              p1 has changed, p3 is new
 *     new run | p0 | P1 | p2 | p3 |         stays: P1 is rewritten, p3 needs free room after p2
 */
#include "pack/like/fitting.h"

#include <string.h>

#include "base/zero.h"
#include "format/bytes.h"

/*
 * Whether something else has taken the block's bytes. The first block of a chain begins at a
 * multiple of 4. Any other block begins where the block before it ends. That block stays, too, and
 * may have taken the 4 bytes in which both are.
 */
static bool taken(const struct keep_fitting *fitting, const struct old_slot *slot,
                  const struct old_block *block)
{
    uint64_t begin = align_up(piece_offset(slot, block), 4);
    uint64_t end = block->offset + block->length;
    return begin < end && !room_is_free(&fitting->keeping->room, begin, end - begin);
}

/* Whether the new slot, with the old slot's pointer, reads the whole block. */
static bool reads_right(const struct keep_fitting *fitting, uint32_t slot)
{
    const struct content *content = fitting->content;
    const struct encoded_block block = {
        .form = block_of(fitting, slot)->stored ? FORM_STORED : FORM_DEFLATED,
        .length = block_of(fitting, slot)->length,
    };
    return !slot_of(fitting, slot)->direct ||
           direct_reads_right(&block, slot, content->refs_count, content->size,
                              fitting->keeping->options->page_size);
}

bool fitting_reachable(const struct keep_fitting *fitting, uint32_t slot)
{
    const struct cramfs_plan_options *options = fitting->keeping->options;
    if (slot >= fitting->file->slots_count || slot_of(fitting, slot)->block == OLD_NONE)
        return false;
    const struct old_slot *old = slot_of(fitting, slot);
    const struct old_block *block = block_of(fitting, slot);
    unsigned char use = fitting->keeping->uses[old->block];
    if (piece_offset(old, block) < fitting->keeping->front)
        return false;
    if (options->legacy && (old->direct || block->stored))
        return false;
    if (!reads_right(fitting, slot))
        return false;
    if (use == USE_REWRITTEN || (use != USE_NONE && (use == USE_HEAD) != old->direct))
        return false;
    if (use != USE_NONE && fitting_separate(fitting) && block->stored)
        return false;
    if (use == USE_NONE && taken(fitting, old, block))
        return false;
    return old->direct || block->offset == fitting->end;
}

/* Where the run begins if the first of its pages that was in place stays; NOWHERE if none was. */
static uint64_t run_base(const struct keep_fitting *fitting, uint32_t slot, uint32_t count)
{
    uint32_t page_size = fitting->keeping->options->page_size;
    uint32_t unit = fitting_separate(fitting) ? CRAMFS_DIRECT_ALIGN : page_size;
    for (uint32_t i = 0; i < count && slot + i < fitting->file->slots_count; i++) {
        const struct old_slot *old = slot_of(fitting, slot + i);
        if (old->block == OLD_NONE || !old->direct || !block_of(fitting, slot + i)->stored)
            continue;
        uint64_t offset = block_of(fitting, slot + i)->offset;
        uint64_t before = (uint64_t)i * page_size;
        if (offset < before || offset - before < fitting->keeping->front ||
            (offset - before) % unit)
            return NOWHERE;
        return offset - before;
    }
    return NOWHERE;
}

/* Whether every page of the run is there, unchanged and usable. */
static bool run_stays(const struct keep_fitting *fitting, uint32_t slot, uint32_t count,
                      uint64_t base)
{
    const struct keeping *keeping = fitting->keeping;
    for (uint32_t i = 0; i < count; i++) {
        if (!fitting_reachable(fitting, slot + i))
            return false;
        const struct old_block *block = block_of(fitting, slot + i);
        if (!slot_of(fitting, slot + i)->direct ||
            block->offset != base + (uint64_t)i * keeping->options->page_size ||
            !old_serves(keeping->old, keeping->encoded, slot_of(fitting, slot + i),
                        fitting->content, slot + i, fitting->raw))
            return false;
    }
    return true;
}

/* The bytes after the file's end in its last page; kernels need zeroes there. */
static struct span run_tail(const struct keep_fitting *fitting, uint32_t slot, uint32_t count,
                            uint64_t base)
{
    uint32_t page_size = fitting->keeping->options->page_size;
    uint32_t last = fitting->refs[slot + count - 1];
    uint64_t begin = base + (uint64_t)(count - 1) * page_size;
    struct span tail = {begin + fitting->keeping->encoded->store.blocks[last].length,
                        begin + page_size};
    if (fitting_separate(fitting))
        tail.end = tail.begin;
    return tail;
}

static bool tail_is_zero(const struct keep_fitting *fitting, const struct span *tail)
{
    const struct cramfs_like *like = fitting->keeping->old->like;
    uint64_t end = tail->end < like->reader->size ? tail->end : like->reader->size;
    return tail->begin >= end || all_zero(like->bytes + tail->begin, (size_t)(end - tail->begin));
}

/* Whether the tail is free, or was taken when the same run was kept for another table. */
static bool tail_is_free(const struct keep_fitting *fitting, uint32_t last, const struct span *tail)
{
    uint64_t begin = align_up(tail->begin, 4);
    return fitting->keeping->uses[slot_of(fitting, last)->block] != USE_NONE ||
           begin >= tail->end || room_is_free(&fitting->keeping->room, begin, tail->end - begin);
}

/* Whether the older image has other bytes at the page's place. */
static bool is_rewritten(const struct keep_fitting *fitting, uint32_t slot, uint64_t offset)
{
    const struct cramfs_like *like = fitting->keeping->old->like;
    const struct encoded_block *page =
        &fitting->keeping->encoded->store.blocks[fitting->refs[slot]];
    return offset + page->length > like->reader->size ||
           memcmp(like->bytes + offset, page->data, page->length) != 0;
}

/*
 * Marks the pages of a run that are rewritten: changed pages, and a last page with other bytes
 * after the file's end.
 */
static void rewrite_run(struct keep_fitting *fitting, uint32_t slot, uint32_t count,
                        const struct span *tail)
{
    struct keeping *keeping = fitting->keeping;
    for (uint32_t i = slot; i < slot + count; i++) {
        struct kept_slot *kept = &fitting->slots[i];
        kept->rewritten = is_rewritten(fitting, i, kept->offset) ||
                          (i == slot + count - 1 && !tail_is_zero(fitting, tail));
        if (kept->rewritten && !keeping->gathers)
            erase_blocks_mark(&keeping->erase_blocks, kept->offset, keeping->options->page_size);
    }
}

/* Keeps all pages of a run at their old place, or none. */
static int fit_run(struct keep_fitting *fitting, uint32_t slot, uint32_t count)
{
    struct keeping *keeping = fitting->keeping;
    uint64_t base = run_base(fitting, slot, count);
    if (base == NOWHERE || keeping->options->legacy)
        return 0;
    struct span tail = run_tail(fitting, slot, count, base);
    bool stays = run_stays(fitting, slot, count, base) && tail_is_zero(fitting, &tail) &&
                 tail_is_free(fitting, slot + count - 1, &tail);
    if (!stays && !room_is_free(&keeping->room, base, tail.end - base))
        return 0;
    for (uint32_t i = 0; i < count; i++) {
        uint64_t offset = base + (uint64_t)i * keeping->options->page_size;
        bool was_there = slot + i < fitting->file->slots_count &&
                         slot_of(fitting, slot + i)->block != OLD_NONE &&
                         block_of(fitting, slot + i)->offset == offset;
        fitting->slots[slot + i] =
            (struct kept_slot){.offset = offset, .block = fitting->refs[slot + i], .head = true};
        if (was_there)
            keeping->uses[slot_of(fitting, slot + i)->block] = stays ? USE_HEAD : USE_REWRITTEN;
    }
    if (!stays)
        rewrite_run(fitting, slot, count, &tail);
    return room_take(&keeping->room, base, tail.end - base);
}

int fit_runs(struct keep_fitting *fitting)
{
    int error = 0;
    for (uint32_t i = 0; !error && i < fitting->content->refs_count;) {
        uint32_t count = 0;
        while (i + count < fitting->content->refs_count && in_place(fitting, i + count))
            count++;
        if (count)
            error = fit_run(fitting, i, count);
        i += count ? count : 1;
    }
    return error;
}
