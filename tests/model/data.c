#include "kernel.h"

#include <string.h>

/* Where a block is; length 0 is a hole. */
struct block {
    uint32_t start, length;
    bool stored;
};

static uint32_t length_before(struct mount *mount, uint32_t offset)
{
    const unsigned char *at = look(mount, offset, 2);
    return mount->big ? (uint32_t)(at[0] << 8 | at[1]) : (uint32_t)(at[1] << 8 | at[0]);
}

static uint32_t page_count(const struct mount *mount, const struct inode *inode)
{
    return (inode->size + mount->page - 1) / mount->page;
}

/* Where the block of the pointer before ends. All sums are of 32 bits, and 30 of them count. */
static uint32_t end_before(struct mount *mount, const struct inode *inode, uint32_t index)
{
    if (!index)
        return inode->number + page_count(mount, inode) * 4;
    uint32_t pointer = word_at(mount, inode->number + (index - 1) * 4);
    if (!(pointer & DIRECT))
        return pointer;
    uint32_t start = (pointer & ~POINTER_FLAGS) << 2;
    if (pointer & STORED)
        return start + mount->page;
    return start + 2 + length_before(mount, start);
}

static void find_block(struct mount *mount, const struct inode *inode, uint32_t index,
                       struct block *block)
{
    uint32_t pointer = word_at(mount, inode->number + index * 4);
    uint32_t value = pointer & ~POINTER_FLAGS;
    block->stored = pointer & STORED;
    if (!(pointer & DIRECT)) {
        block->start = end_before(mount, inode, index) & ~POINTER_FLAGS;
        block->length = value - block->start;
        return;
    }
    block->start = value << 2;
    if (block->stored) {
        bool last = index + 1 == page_count(mount, inode);
        block->length = last ? inode->size % mount->page : mount->page;
    } else {
        block->length = length_before(mount, block->start);
        block->start += 2;
    }
}

static enum failure inflate_block(struct mount *mount, const struct block *block,
                                  unsigned char *page, uint32_t *filled)
{
    z_stream *stream = &mount->stream;
    if (!mount->inflates) {
        memset(stream, 0, sizeof(*stream));
        mount->inflates = inflateInit(stream) == Z_OK;
    }
    if (!mount->inflates || inflateReset(stream) != Z_OK)
        return IO_ERROR;
    stream->next_in = (z_const Bytef *)look(mount, block->start, block->length);
    stream->avail_in = block->length;
    stream->next_out = page;
    stream->avail_out = mount->page;
    if (inflate(stream, Z_FINISH) != Z_STREAM_END)
        return IO_ERROR;
    *filled = (uint32_t)stream->total_out;
    return WORKS;
}

enum failure read_page(struct mount *mount, const struct inode *inode, uint32_t index,
                       unsigned char *page)
{
    struct block block = {0};
    uint32_t filled = 0;
    enum failure failure = WORKS;
    if (index < page_count(mount, inode))
        find_block(mount, inode, index, &block);
    if (block.length > 2 * mount->page || (block.stored && block.length > mount->page)) {
        failure = IO_ERROR;
    } else if (block.stored) {
        if (block.length)
            memcpy(page, look(mount, block.start, block.length), block.length);
        filled = block.length;
    } else if (block.length) {
        failure = inflate_block(mount, &block, page, &filled);
    }
    if (!failure)
        memset(page + filled, 0, mount->page - filled);
    return failure;
}

/* A mapping reads pointers from the device, whatever the size of the image. */
static uint32_t device_word(struct mount *mount, uint32_t offset)
{
    uint32_t size = mount->size;
    mount->size = UINT32_MAX;
    uint32_t word = word_at(mount, offset);
    mount->size = size;
    return word;
}

static enum failure run_of_pages(struct mount *mount, const struct inode *inode, uint32_t first,
                                 uint32_t pages, uint32_t *run, uint32_t *start)
{
    uint64_t table = (uint64_t)inode->number + (uint64_t)first * 4;
    enum failure failure = WORKS;
    *start = device_word(mount, (uint32_t)table) & ~POINTER_FLAGS;
    for (*run = 0; *run < pages && !failure; ++*run) {
        if (table + *run * 4 + 4 > mount->extent)
            failure = OOPS;
        else if (device_word(mount, (uint32_t)table + *run * 4) !=
                 ((*start + *run * (mount->page >> 2)) | POINTER_FLAGS))
            break;
    }
    *start <<= 2;
    return failure;
}

/* Whether anything but zero follows the file in the page that its last pointer leads to. */
static bool last_page_is_shared(struct mount *mount, const struct inode *inode)
{
    uint32_t partial = inode->size % mount->page;
    uint32_t last = inode->size / mount->page;
    if (!partial)
        return false;
    uint32_t start = (device_word(mount, inode->number + last * 4) & ~POINTER_FLAGS) << 2;
    const unsigned char *page = device_page(mount, start);
    for (uint32_t i = partial; i < mount->page; i++)
        if (page[i])
            return true;
    return false;
}

enum failure map_pages(struct mount *mount, const struct inode *inode, uint32_t first,
                       uint32_t pages, uint32_t *mapped, uint32_t *address)
{
    *mapped = 0;
    *address = 0;
    uint32_t count = page_count(mount, inode);
    if (mount->device != ON_MTD || !(mount->flags & EXT_POINTERS) || first >= count)
        return WORKS;
    if (pages > count - first)
        pages = count - first;
    uint32_t run, start;
    enum failure failure = run_of_pages(mount, inode, first, pages, &run, &start);
    if (failure || !run || !start || start % mount->page)
        return failure;
    if (first + run == count && last_page_is_shared(mount, inode))
        run--;
    if ((uint64_t)start + (uint64_t)run * mount->page > mount->extent + mount->page - 1)
        return OOPS;
    *mapped = run;
    *address = start;
    return WORKS;
}

uint32_t page_in_place(struct mount *mount, const struct inode *inode, uint32_t index)
{
    if (mount->device != ON_MTD || !(mount->flags & EXT_POINTERS) ||
        index >= page_count(mount, inode))
        return 0;
    uint32_t pointer = device_word(mount, inode->number + index * 4);
    return (pointer & POINTER_FLAGS) == POINTER_FLAGS ? (pointer & ~POINTER_FLAGS) << 2 : 0;
}
