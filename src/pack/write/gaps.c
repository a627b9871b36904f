#include "pack/write/gaps.h"

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

/* Where the page ends, if the spot is a file's last page in place; otherwise 0. */
static uint64_t page_end(const struct image_parts *parts, const struct spot *spot)
{
    if (!spot || spot->kind != SPOT_PIECE || !parts->arrangement->pieces[spot->index].in_place ||
        parts->options->kernel == CRAMFS_KERNEL_NOMMU)
        return 0;
    return align_up(spot->offset + spot->length, parts->options->page_size);
}

/* How many bytes from `begin` on are of one kind: all zeroes, or all from the older image. */
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
