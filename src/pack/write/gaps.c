#include "pack/write/gaps.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
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
    uint64_t super; /* where the superblock is */
    bool differs;   /* something from there on, and so the CRC */
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

/* The CRC changes with anything behind the boot code. */
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
