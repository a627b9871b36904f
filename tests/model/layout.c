#include "subject.h"

#include <string.h>

/* Faults, each with its own probability. */
struct faults {
    bool cut_stored, bad_prefix, slack, cut_stream, past_end, outside, odd;
};

/* A table that is being written, block by block. */
struct layout {
    struct subject *subject;
    size_t table, end; /* `end`: where a plain block would begin */
    uint32_t page;
    bool only_plain;
    struct faults faults;
};

static struct faults choose_faults(struct subject *subject)
{
    struct faults faults = {0};
    switch (chance(subject, 24)) {
    case 0:
        faults.cut_stored = true;
        break;
    case 1:
        faults.odd = true;
        break;
    case 2:
        faults.bad_prefix = true;
        break;
    case 3:
    case 4:
        faults.slack = true;
        break;
    case 5:
        faults.cut_stream = true;
        break;
    case 6:
        faults.past_end = true;
        break;
    case 7:
        faults.outside = true;
        break;
    default:
        break;
    }
    return faults;
}

/* Other bytes instead of the file's. */
static uint32_t odd_page(struct layout *layout, unsigned char *bytes, uint32_t length,
                         unsigned char *out)
{
    uint32_t made = odd_stream(layout->subject, bytes, length, out);
    return made < 2 * layout->page ? made : 0;
}

/* Deflate with parameters of any kind; 0 when it does not end in two pages. */
static uint32_t compress_page(struct layout *layout, const unsigned char *bytes, uint32_t length,
                              unsigned char *out)
{
    struct subject *subject = layout->subject;
    z_stream stream;
    memset(&stream, 0, sizeof(stream));
    /* One after the other: compilers differ in the order of a call's arguments. */
    int level = (int)chance(subject, 10);
    int window = 9 + (int)chance(subject, 7);
    int memory = 1 + (int)chance(subject, 9);
    int strategy = (int)chance(subject, 5);
    if (deflateInit2(&stream, level, Z_DEFLATED, window, memory, strategy) != Z_OK)
        return 0;
    stream.next_in = (z_const Bytef *)bytes;
    stream.avail_in = length;
    stream.next_out = out;
    stream.avail_out = 2 * layout->page;
    bool ended = deflate(&stream, Z_FINISH) == Z_STREAM_END;
    uint32_t made = ended ? (uint32_t)stream.total_out : 0;
    deflateEnd(&stream);
    if (made && layout->faults.slack && made + 8 <= 2 * layout->page) {
        memset(out + made, (int)chance(subject, 2), 8);
        made += 8;
    }
    if (made > 1 && layout->faults.cut_stream)
        made--;
    return made;
}

/* Where a block's bytes are put: at the end of the image, where plain ones must be. */
static size_t put_block(struct layout *layout, const unsigned char *bytes, uint32_t length,
                        size_t alignment)
{
    size_t at = extend(layout->subject, length, alignment);
    if (at)
        memcpy(layout->subject->bytes + at, bytes, length);
    return at;
}

static void set_pointer(struct layout *layout, uint32_t index, uint32_t pointer)
{
    put_word(layout->subject, layout->table + 4 * (size_t)index, pointer);
}

/* A plain block begins where the one before it ended; when that is not the end of the image, only a
 * hole can be made. */
static void put_plain(struct layout *layout, uint32_t index, const unsigned char *bytes,
                      uint32_t length, uint32_t flag)
{
    bool here = layout->end == layout->subject->length;
    if (length && here && put_block(layout, bytes, length, 1))
        layout->end += length;
    set_pointer(layout, index, (uint32_t)layout->end | flag);
}

static void put_direct_stored(struct layout *layout, uint32_t index, const unsigned char *bytes,
                              uint32_t length, bool whole)
{
    size_t alignment = chance(layout->subject, 4) ? layout->page : 4;
    static unsigned char page[MAX_PAGE];
    memset(page, 0, layout->page);
    memcpy(page, bytes, length);
    size_t at = put_block(layout, page, whole ? layout->page : length, alignment);
    if (layout->faults.outside && one_in(layout->subject, 3))
        at += layout->subject->length;
    set_pointer(layout, index, (uint32_t)(at / 4) | STORED | DIRECT);
    layout->end = at + layout->page;
}

static void put_direct_compressed(struct layout *layout, uint32_t index,
                                  const unsigned char *stream, uint32_t length)
{
    size_t at = extend(layout->subject, 2, 4);
    uint32_t prefix = length;
    if (layout->faults.bad_prefix)
        prefix += one_in(layout->subject, 2) ? 1 : (uint32_t)-1;
    put_half(layout->subject, at, prefix);
    put_block(layout, stream, length, 1);
    set_pointer(layout, index, (uint32_t)(at / 4) | DIRECT);
    layout->end = at + 2 + length;
}

static uint32_t without_zeroes(const unsigned char *bytes, uint32_t length)
{
    while (length && !bytes[length - 1])
        length--;
    return length;
}

/* One block in any form that can hold it. */
static void put_any(struct layout *layout, uint32_t index, unsigned char *bytes, uint32_t length,
                    bool last)
{
    static unsigned char stream[4 * MAX_PAGE];
    struct subject *subject = layout->subject;
    uint32_t made = layout->faults.odd ? odd_page(layout, bytes, length, stream) : 0;
    uint32_t bare = without_zeroes(bytes, length);
    uint32_t stored = one_in(subject, 3) ? bare : length;
    if (layout->faults.cut_stored && stored)
        stored -= 1 + chance(subject, stored < 4 ? stored : 4);
    if (!layout->faults.odd)
        made =
            compress_page(layout, bytes, layout->faults.past_end ? layout->page : length, stream);
    bool plain_here = layout->end == subject->length;
    uint32_t form = chance(subject, layout->only_plain ? 3 : 6);
    if (!bare && one_in(subject, 2))
        form = layout->only_plain || one_in(subject, 2) ? 6 : 7;
    if (form < 3 && !plain_here)
        form += 3;
    bool whole_last = last && length == layout->page;
    if (form > 2 && form < 5 && whole_last && !one_in(subject, 20))
        form = 5;
    if (form == 0)
        put_plain(layout, index, bytes, stored, STORED);
    else if (form < 3 || (form < 5 && !made))
        put_plain(layout, index, stream, made, 0);
    else if (form < 5)
        put_direct_stored(layout, index, bytes, length, !last || one_in(subject, 2));
    else if (form == 5 || form == 7)
        put_direct_compressed(layout, index, stream, form == 7 ? 0 : made);
    else
        put_plain(layout, index, bytes, 0, one_in(subject, 8) ? STORED : 0);
}

void lay_out(struct subject *subject, struct site *site, const unsigned char *bytes, uint32_t size)
{
    uint32_t page = subject->base->page;
    uint32_t pages = (size + page - 1) / page;
    static unsigned char block[2 * MAX_PAGE];
    struct layout layout = {.subject = subject, .page = page};
    layout.faults = choose_faults(subject);
    layout.only_plain = one_in(subject, 4);
    layout.table = extend(subject, 4 * (size_t)pages, 4);
    if (!layout.table || !size)
        return;
    layout.end = layout.table + 4 * (size_t)pages;
    for (uint32_t i = 0; i < pages; i++) {
        uint32_t length = i + 1 < pages ? page : size - i * page;
        memset(block, 'x', sizeof(block));
        memcpy(block, bytes + (size_t)i * page, length);
        put_any(&layout, i, block, length, i + 1 == pages);
    }
    if (!layout.only_plain && !one_in(subject, 20))
        put_word(subject, subject->base->super + 8,
                 get_word(subject, subject->base->super + 8) | EXT_POINTERS);
    put_field(subject, site->at, OFFSET, (uint32_t)(layout.table / 4));
    put_field(subject, site->at, SIZE, size);
    site->bytes = bytes;
    site->size = size;
}
