#include "cramfs/block.h"

#include "format/bytes.h"

uint32_t cramfs_block_count(uint64_t size, uint32_t page_size)
{
    return (uint32_t)((size + page_size - 1) / page_size);
}

static bool read_bytes(const struct cramfs_reader *reader, uint64_t offset, void *to, size_t length)
{
    if (offset > reader->size || length > reader->size - offset)
        return false;
    reader->read(reader, offset, to, length);
    return true;
}

bool cramfs_block_pointer(const struct cramfs_table *table, uint32_t index, uint32_t *pointer)
{
    unsigned char bytes[CRAMFS_POINTER_SIZE];
    uint64_t at = table->offset + (uint64_t)index * CRAMFS_POINTER_SIZE;
    if (!read_bytes(table->reader, at, bytes, sizeof(bytes)))
        return false;
    *pointer = load32(table->order, bytes);
    return true;
}

static bool read_prefix(const struct cramfs_table *table, uint64_t at, uint32_t *length)
{
    unsigned char bytes[CRAMFS_DIRECT_PREFIX];
    if (!read_bytes(table->reader, at, bytes, sizeof(bytes)))
        return false;
    *length = load16(table->order, bytes);
    return true;
}

static uint64_t direct_start(uint32_t pointer)
{
    return (uint64_t)(pointer & CRAMFS_POINTER_VALUE) * CRAMFS_DIRECT_ALIGN;
}

static void locate_direct(const struct cramfs_table *table, uint32_t index,
                          struct cramfs_block *block)
{
    uint32_t last = cramfs_block_count(table->size, table->page_size) - 1;
    block->direct = true;
    block->offset = direct_start(block->pointer);
    if (block->pointer & CRAMFS_POINTER_STORED) {
        /* 0 for the last block of a file of whole pages: the kernel reads a hole there. */
        block->length = index == last ? table->size % table->page_size : table->page_size;
        return;
    }
    uint32_t length;
    if (!read_prefix(table, block->offset, &length)) {
        block->fault = CRAMFS_BLOCK_PREFIX_OUTSIDE;
        return;
    }
    block->prefixed = true;
    block->offset += CRAMFS_DIRECT_PREFIX;
    block->length = length;
}

/*
 * Where a plain block starts: after the table, or where the block before it ended. This can be more
 * than a pointer can hold; the caller masks it, as the kernel does.
 */
static enum cramfs_block_fault plain_start(const struct cramfs_table *table, uint32_t index,
                                           uint64_t *start)
{
    if (index == 0) {
        uint32_t blocks = cramfs_block_count(table->size, table->page_size);
        *start = table->offset + (uint64_t)blocks * CRAMFS_POINTER_SIZE;
        return CRAMFS_BLOCK_SOUND;
    }
    uint32_t before;
    if (!cramfs_block_pointer(table, index - 1, &before))
        return CRAMFS_BLOCK_TABLE_OUTSIDE;
    *start = before & CRAMFS_POINTER_VALUE;
    if (before & CRAMFS_POINTER_DIRECT) {
        *start = direct_start(before);
        if (before & CRAMFS_POINTER_STORED) {
            *start += table->page_size;
        } else {
            uint32_t length;
            if (!read_prefix(table, *start, &length))
                return CRAMFS_BLOCK_PREFIX_OUTSIDE;
            *start += CRAMFS_DIRECT_PREFIX + length;
        }
    }
    return CRAMFS_BLOCK_SOUND;
}

static void locate_plain(const struct cramfs_table *table, uint32_t index,
                         struct cramfs_block *block)
{
    uint64_t end = block->pointer & CRAMFS_POINTER_VALUE;
    uint64_t start;
    block->fault = plain_start(table, index, &start);
    if (block->fault)
        return;
    block->offset = start & CRAMFS_POINTER_VALUE;
    if (end == block->offset)
        return; /* a hole: nothing is read, so its place cannot be wrong */
    if (start > CRAMFS_POINTER_VALUE)
        block->fault = CRAMFS_BLOCK_WRAPS;
    else if (end < block->offset)
        block->fault = CRAMFS_BLOCK_BACKWARDS;
    else
        block->length = end - block->offset;
}

static enum cramfs_block_fault find_fault(const struct cramfs_table *table,
                                          const struct cramfs_block *block)
{
    uint64_t longest = (uint64_t)table->page_size * (block->kind == CRAMFS_BLOCK_STORED ? 1 : 2);
    if (block->length > longest)
        return CRAMFS_BLOCK_TOO_LONG;
    uint64_t size = table->reader->size;
    if (block->offset > size || block->length > size - block->offset)
        return CRAMFS_BLOCK_OUTSIDE;
    return CRAMFS_BLOCK_SOUND;
}

void cramfs_block_locate(const struct cramfs_table *table, uint32_t index,
                         struct cramfs_block *block)
{
    uint64_t from = (uint64_t)index * table->page_size;
    uint64_t rest = table->size - from;
    *block = (struct cramfs_block){
        .file_bytes = (uint32_t)(rest < table->page_size ? rest : table->page_size),
    };
    if (!cramfs_block_pointer(table, index, &block->pointer)) {
        block->fault = CRAMFS_BLOCK_TABLE_OUTSIDE;
        return;
    }
    block->kind =
        block->pointer & CRAMFS_POINTER_STORED ? CRAMFS_BLOCK_STORED : CRAMFS_BLOCK_DEFLATED;
    if (block->pointer & CRAMFS_POINTER_DIRECT)
        locate_direct(table, index, block);
    else
        locate_plain(table, index, block);
    if (block->fault)
        return;
    if (block->length == 0)
        block->kind = CRAMFS_BLOCK_HOLE;
    else
        block->fault = find_fault(table, block);
}

bool cramfs_block_in_place(const struct cramfs_table *table, const struct cramfs_block *block)
{
    return block->fault == CRAMFS_BLOCK_SOUND && block->kind == CRAMFS_BLOCK_STORED &&
           block->direct && (table->unaligned || block->offset % table->page_size == 0);
}

bool cramfs_block_loses_tail(const struct cramfs_table *table, uint32_t index,
                             const struct cramfs_block *block)
{
    const uint32_t form = CRAMFS_POINTER_DIRECT | CRAMFS_POINTER_STORED;
    return (block->pointer & form) == form && table->size % table->page_size == 0 &&
           index == cramfs_block_count(table->size, table->page_size) - 1;
}

const char *cramfs_block_kind_name(enum cramfs_block_kind kind)
{
    static const char *const names[] = {
        [CRAMFS_BLOCK_HOLE] = "hole",
        [CRAMFS_BLOCK_DEFLATED] = "deflated",
        [CRAMFS_BLOCK_STORED] = "stored",
    };
    return names[kind];
}
