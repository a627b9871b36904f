/*
 * Runs that are rewritten where they are.
 *
 * Each makes erase blocks differ for its changed pages. If the runs with changed pages in an erase
 * block are short, they are written elsewhere together, and the erase block stays as it is:
 *
 *     before  | . . x . | . x . . | x . . . |        three erase blocks differ for three pages
 *     after   | . . o . | . o . . | o . . . | xxx |  one does; o: old room, which stays unused
 *
 * Old room must stay unused, since anything put there would make the erase block differ after all.
 */
#include <stdlib.h>

#include "base/array.h"
#include "pack/like/runs.h"

/* A run with rewritten pages in an erase block. */
struct gather_touch {
    uint64_t block;
    size_t run; /* of running->fixed */
};

/* The touches of one erase block, and the total length of their runs. */
struct touched {
    size_t first;
    size_t end;
    uint64_t bytes;
};

struct gathering {
    struct running *running;
    struct gather_touch *touches;
    size_t touches_count;
    size_t touches_capacity;
    struct touched *blocks;
    size_t blocks_count;
    size_t blocks_capacity;
};

static bool is_last_touch(const struct gathering *gathering, uint64_t block, size_t run)
{
    const struct gather_touch *touches = gathering->touches;
    size_t count = gathering->touches_count;
    return count && touches[count - 1].run == run && touches[count - 1].block == block;
}

static int touch_page(struct gathering *gathering, size_t run, uint64_t offset)
{
    const struct placing *placing = gathering->running->placing;
    uint64_t unit = placing->options->erase_block;
    uint64_t last = (offset + page_size_of(placing) - 1) / unit;
    for (uint64_t i = offset / unit; i <= last && i < placing->erase_blocks.count; i++) {
        if (erase_block_changed(&placing->erase_blocks, i) || is_last_touch(gathering, i, run))
            continue;
        if (!ARRAY_GROW(gathering, touches))
            return -CRAMFS_ERR_MEMORY;
        gathering->touches[gathering->touches_count++] = (struct gather_touch){i, run};
    }
    return 0;
}

static int list_touches(struct gathering *gathering)
{
    const struct running *running = gathering->running;
    int error = 0;
    for (size_t i = 0; !error && i < running->fixed_count; i++) {
        const struct run *run = &running->fixed[i];
        for (uint32_t j = 0; !error && j < run->count; j++) {
            const struct piece *piece = &running->placing->arrangement->pieces[run->first + j];
            if (piece->rewritten)
                error = touch_page(gathering, i, piece->offset);
        }
    }
    return error;
}

static int by_block(const void *first, const void *second)
{
    const struct gather_touch *a = first;
    const struct gather_touch *b = second;
    if (a->block != b->block)
        return a->block < b->block ? -1 : 1;
    return a->run < b->run ? -1 : a->run > b->run;
}

static int lightest_first(const void *first, const void *second)
{
    const struct touched *a = first;
    const struct touched *b = second;
    if (a->bytes != b->bytes)
        return a->bytes < b->bytes ? -1 : 1;
    return a->first < b->first ? -1 : a->first > b->first;
}

static int list_blocks(struct gathering *gathering)
{
    for (size_t i = 0; i < gathering->touches_count; i++) {
        const struct gather_touch *touch = &gathering->touches[i];
        if (!i || touch[-1].block != touch->block) {
            if (!ARRAY_GROW(gathering, blocks))
                return -CRAMFS_ERR_MEMORY;
            gathering->blocks[gathering->blocks_count++] = (struct touched){.first = i};
        }
        struct touched *block = &gathering->blocks[gathering->blocks_count - 1];
        block->end = i + 1;
        block->bytes += gathering->running->fixed[touch->run].length;
    }
    return 0;
}

/* Spares the erase block if that writes at most half an erase block elsewhere. */
static void spare(const struct gathering *gathering, const struct touched *block)
{
    const struct running *running = gathering->running;
    uint64_t more = 0;
    for (size_t i = block->first; i < block->end; i++) {
        const struct run *run = &running->fixed[gathering->touches[i].run];
        more += run->gathered ? 0 : run->length;
    }
    if (more > running->placing->options->erase_block / 2)
        return;
    for (size_t i = block->first; i < block->end; i++)
        running->fixed[gathering->touches[i].run].gathered = true;
}

/* Moves gathered runs from the list of fixed runs to those that need a place. */
static int take_out(struct running *running)
{
    size_t kept = 0;
    for (size_t i = 0; i < running->fixed_count; i++) {
        const struct run run = running->fixed[i];
        if (!run.gathered) {
            running->fixed[kept++] = run;
            continue;
        }
        for (uint32_t j = 0; j < run.count; j++)
            running->placing->arrangement->pieces[run.first + j].fixed = false;
        if (!ARRAY_GROW(running, runs))
            return -CRAMFS_ERR_MEMORY;
        running->runs[running->runs_count++] = run;
    }
    running->fixed_count = kept;
    return 0;
}

static void mark_others(const struct gathering *gathering)
{
    const struct running *running = gathering->running;
    for (size_t i = 0; i < gathering->touches_count; i++) {
        if (!running->fixed[gathering->touches[i].run].gathered)
            running->placing->erase_blocks.changed[gathering->touches[i].block] = true;
    }
}

int gather_runs(struct running *running)
{
    struct gathering gathering = {.running = running};
    int error = list_touches(&gathering);
    if (!error && gathering.touches_count)
        qsort(gathering.touches, gathering.touches_count, sizeof(*gathering.touches), by_block);
    if (!error)
        error = list_blocks(&gathering);
    if (!error && gathering.blocks_count)
        qsort(gathering.blocks, gathering.blocks_count, sizeof(*gathering.blocks), lightest_first);
    for (size_t i = 0; !error && i < gathering.blocks_count; i++)
        spare(&gathering, &gathering.blocks[i]);
    mark_others(&gathering);
    if (!error)
        error = take_out(running);
    free(gathering.touches);
    free(gathering.blocks);
    return error;
}
