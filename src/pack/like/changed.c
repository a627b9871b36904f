#include "pack/like/changed.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "format/bytes.h"

/* Compares the bytes that go through with the older image. */
struct comparing_sink {
    struct byte_sink base;
    const struct cramfs_like *like;
    uint64_t unit;
    uint64_t offset;
    uint64_t super; /* where the superblock is */
    bool differs;   /* some byte from there on does, and so the CRC does */
    bool *changed;
};

static void compare_piece(struct comparing_sink *sink, const unsigned char *at, size_t length)
{
    bool *changed = &sink->changed[sink->offset / sink->unit];
    if (*changed && sink->differs)
        return;
    bool differs = sink->offset + length > sink->like->reader->size ||
                   memcmp(at, sink->like->bytes + sink->offset, length) != 0;
    *changed |= differs;
    sink->differs |= differs && sink->offset >= sink->super;
}

static int compare_bytes(struct byte_sink *base, const void *bytes, size_t length)
{
    struct comparing_sink *sink = (struct comparing_sink *)base;
    const unsigned char *at = bytes;
    while (length) {
        uint64_t rest = sink->unit - sink->offset % sink->unit;
        size_t piece = rest < length ? (size_t)rest : length;
        compare_piece(sink, at, piece);
        sink->offset += piece;
        at += piece;
        length -= piece;
    }
    return 0;
}

/* The CRC changes with any byte after the boot code. */
static void mark_crc(const struct comparing_sink *sink)
{
    uint64_t first = sink->super + CRAMFS_SUPER_CRC_OFFSET;
    for (uint64_t at = first; sink->differs && at < first + sizeof(uint32_t); at++)
        sink->changed[at / sink->unit] = true;
}

int find_changed(struct image_parts *parts, struct layout *layout, const struct cramfs_like *like,
                 uint64_t *blocks, uint64_t *differing)
{
    uint64_t unit = parts->options->erase_block;
    uint64_t size = layout->image_size;
    uint64_t super = parts->options->boot_area ? CRAMFS_BOOT_SIZE : 0;
    *differing = 0;
    *blocks = ((size > like->reader->size ? size : like->reader->size) + unit - 1) / unit;
    layout->changed = array_create(*blocks + 1, sizeof(*layout->changed));
    int error = layout->changed ? describe_super(parts) : -CRAMFS_ERR_MEMORY;
    if (error)
        return error;
    if (super + CRAMFS_SUPER_SIZE <= like->reader->size)
        parts->super.crc = load32(like->order, like->bytes + super + CRAMFS_SUPER_CRC_OFFSET);
    struct comparing_sink sink = {.base = {compare_bytes},
                                  .like = like,
                                  .unit = unit,
                                  .super = super,
                                  .changed = layout->changed};
    error = emit_image(parts, &sink.base);
    for (uint64_t i = size / unit; size < like->reader->size && i < *blocks; i++)
        layout->changed[i] = true;
    mark_crc(&sink);
    for (uint64_t i = 0; i < *blocks; i++)
        *differing += layout->changed[i];
    return error;
}
