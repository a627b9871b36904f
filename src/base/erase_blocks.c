#include "base/erase_blocks.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "cramfs/diag.h"

int erase_blocks_create(struct erase_blocks *blocks, uint64_t size, uint64_t unit)
{
    *blocks = (struct erase_blocks){.count = (size + unit - 1) / unit, .unit = unit};
    blocks->changed = array_create(blocks->count + 1, sizeof(*blocks->changed));
    return blocks->changed ? 0 : -CRAMFS_ERR_MEMORY;
}

int erase_blocks_copy(const struct erase_blocks *blocks, struct erase_blocks *to)
{
    int error = erase_blocks_create(to, blocks->count * blocks->unit, blocks->unit);
    if (!error)
        memcpy(to->changed, blocks->changed, (size_t)blocks->count * sizeof(*to->changed));
    return error;
}

void erase_blocks_free(struct erase_blocks *blocks)
{
    free(blocks->changed);
    *blocks = (struct erase_blocks){0};
}

void erase_blocks_mark(struct erase_blocks *blocks, uint64_t offset, uint64_t length)
{
    uint64_t unit = blocks->unit;
    for (uint64_t i = offset / unit; length && i <= (offset + length - 1) / unit; i++) {
        if (i < blocks->count)
            blocks->changed[i] = true;
    }
}

uint64_t erase_blocks_unchanged(const struct erase_blocks *blocks, uint64_t offset, uint64_t length)
{
    uint64_t unit = blocks->unit;
    uint64_t count = 0;
    for (uint64_t i = offset / unit; length && i <= (offset + length - 1) / unit; i++)
        count += !erase_block_changed(blocks, i);
    return count;
}

uint64_t erase_blocks_changed(const struct erase_blocks *blocks)
{
    uint64_t count = 0;
    for (uint64_t i = 0; i < blocks->count; i++)
        count += blocks->changed[i];
    return count;
}
