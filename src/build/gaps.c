#include "build/gaps.h"

#include <stdlib.h>
#include <string.h>

#include "format/bytes.h"

int emit_zeroes(uint64_t count, struct byte_sink *sink)
{
    static const unsigned char zeroes[4096];
    int error = 0;
    while (count && !error) {
        size_t piece = count < sizeof(zeroes) ? (size_t)count : sizeof(zeroes);
        error = sink->take(sink, zeroes, piece);
        count -= piece;
    }
    return error;
}

/* Where the page ends that the spot is the last of a file in place in; 0 when it is not that. */
static uint64_t page_end(const struct image_parts *parts, const struct spot *spot)
{
    if (!spot || spot->kind != SPOT_PIECE || !parts->arrangement->pieces[spot->index].in_place ||
        parts->options->kernel == CRAMFS_KERNEL_NOMMU)
        return 0;
    return align_up(spot->offset + spot->length, parts->options->page_size);
}

/* How many of the bytes from `begin` on are alike: all zeroes, or the older image's. */
static uint64_t stretch(const struct image_parts *parts, uint64_t page, uint64_t begin,
                        uint64_t end, bool *kept)
{
    const struct layout *layout = parts->layout;
    uint64_t unit = parts->options->erase_block;
    *kept = false;
    if (begin < page)
        return (page < end ? page : end) - begin;
    if (!layout->like)
        return end - begin;
    uint64_t next = (begin / unit + 1) * unit;
    *kept = begin < layout->like->reader->size && !layout->changed[begin / unit];
    if (*kept && next > layout->like->reader->size)
        next = layout->like->reader->size;
    return (next < end ? next : end) - begin;
}

int emit_gap(const struct image_parts *parts, const struct spot *before, uint64_t begin,
             uint64_t end, struct byte_sink *sink)
{
    uint64_t page = page_end(parts, before);
    int error = 0;
    while (!error && begin < end) {
        bool kept;
        uint64_t length = stretch(parts, page, begin, end, &kept);
        error = kept ? sink->take(sink, parts->layout->like->bytes + begin, (size_t)length)
                     : emit_zeroes(length, sink);
        begin += length;
    }
    return error;
}

unsigned char gap_byte(const struct image_parts *parts, const struct spot *before, uint64_t offset)
{
    bool kept;
    stretch(parts, page_end(parts, before), offset, offset + 1, &kept);
    return kept ? parts->layout->like->bytes[offset] : 0;
}

/* Holds what goes through against the older image. */
struct comparing_sink {
    struct byte_sink base;
    const struct cramfs_like *like;
    uint64_t unit;
    uint64_t offset;
    bool *changed;
};

static int compare_bytes(struct byte_sink *base, const void *bytes, size_t length)
{
    struct comparing_sink *sink = (struct comparing_sink *)base;
    const unsigned char *at = bytes;
    while (length) {
        uint64_t block = sink->offset / sink->unit;
        uint64_t rest = (block + 1) * sink->unit - sink->offset;
        size_t piece = rest < length ? (size_t)rest : length;
        if (!sink->changed[block])
            sink->changed[block] = sink->offset + piece > sink->like->reader->size ||
                                   memcmp(at, sink->like->bytes + sink->offset, piece) != 0;
        sink->offset += piece;
        at += piece;
        length -= piece;
    }
    return 0;
}

/* The superblock changes with anything, since the CRC does. */
static void mark_super(const struct image_parts *parts, bool *changed, uint64_t blocks)
{
    uint64_t unit = parts->options->erase_block;
    uint64_t super = parts->options->boot_area ? CRAMFS_BOOT_SIZE : 0;
    bool any = false;
    for (uint64_t i = 0; !any && i < blocks; i++)
        any = changed[i];
    for (uint64_t i = super / unit; any && i <= (super + CRAMFS_SUPER_SIZE - 1) / unit; i++)
        changed[i] = true;
}

int find_changed(struct image_parts *parts, struct layout *layout, const struct cramfs_like *like,
                 uint64_t *blocks, uint64_t *differing)
{
    uint64_t unit = parts->options->erase_block;
    uint64_t size = layout->image_size;
    uint64_t super = parts->options->boot_area ? CRAMFS_BOOT_SIZE : 0;
    *differing = 0;
    *blocks = ((size > like->reader->size ? size : like->reader->size) + unit - 1) / unit;
    layout->changed = calloc(*blocks + 1, sizeof(*layout->changed));
    int error = layout->changed ? describe_super(parts) : -CRAMFS_ERR_MEMORY;
    if (error)
        return error;
    if (super + CRAMFS_SUPER_SIZE <= like->reader->size)
        parts->super.crc = load32(like->order, like->bytes + super + CRAMFS_SUPER_CRC_OFFSET);
    struct comparing_sink sink = {{compare_bytes}, like, unit, 0, layout->changed};
    error = emit_image(parts, &sink.base);
    for (uint64_t i = size / unit; size < like->reader->size && i < *blocks; i++)
        layout->changed[i] = true;
    mark_super(parts, layout->changed, *blocks);
    for (uint64_t i = 0; i < *blocks; i++)
        *differing += layout->changed[i];
    return error;
}
