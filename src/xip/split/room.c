/* Where in the file the longer table of program headers can be put. */
#include <elf.h>

#include "cramfs/elf.h"
#include "format/bytes.h"
#include "xip/split/segments.h"

/* The most that load_elf_phdrs() reads on every kernel. cramfs_elf_read() has the same limit. */
enum { MOST_TABLE_BYTES = 4096 };

/* Files of cramfs are shorter than 16 MiB. */
enum { MOST_FILE_BYTES = 1 << 24 };

static bool meets(uint64_t offset, uint64_t size, uint64_t begin, uint64_t end)
{
    return size && offset < end && (begin < offset || begin - offset < size);
}

/* Whether a section, or the table of sections, has bytes there, even if they are zeroes. */
static bool meets_section(const struct segments *segments, uint64_t begin, uint64_t end)
{
    uint64_t table = elf_sections_offset(segments->form, segments->bytes);
    uint64_t length = elf_sections_size(segments->form, segments->bytes);
    size_t entry = section_header_size(segments->form);
    if (!table)
        return false;
    if (!length || table > segments->size || length > segments->size - table)
        return true; /* unknown: assume so */
    bool met = meets(table, length, begin, end);
    for (uint64_t at = 0; !met && at < length; at += entry) {
        uint64_t offset;
        uint64_t size;
        section_extent(segments->form, segments->bytes + table + at, &offset, &size);
        met = meets(offset, size, begin, end);
    }
    return met;
}

static bool meets_header(const struct segments *segments, uint64_t begin, uint64_t end)
{
    uint64_t table = elf_table_offset(segments->form, segments->bytes);
    bool met = meets(table, segments->count * program_header_size(segments->form), begin, end) ||
               meets(0, elf_header_size(segments->form), begin, end);
    for (size_t i = 0; !met && i < segments->count; i++) {
        const struct program_header *header = &segments->list[i];
        met = header->type != PT_NULL && meets(header->offset, header->file_size, begin, end);
    }
    return met;
}

static bool all_zeroes(const struct segments *segments, uint64_t begin, uint64_t end)
{
    for (uint64_t at = begin; at < end && at < segments->size; at++) {
        if (segments->bytes[at])
            return false;
    }
    return true;
}

/*
 * Whether the table of sections ends after the end of the file, or its length is not known. Then
 * nothing may be appended to the file, since the new bytes could become section headers.
 */
static bool sections_are_outside(const struct segments *segments)
{
    uint64_t table = elf_sections_offset(segments->form, segments->bytes);
    uint64_t length = elf_sections_size(segments->form, segments->bytes);
    return table && (!length || table > segments->size || length > segments->size - table);
}

static size_t headers_in(const struct segments *segments, uint64_t bytes)
{
    if (bytes > MOST_TABLE_BYTES)
        bytes = MOST_TABLE_BYTES;
    return (size_t)bytes / program_header_size(segments->form);
}

size_t slack_room(const struct segments *segments, const struct program_header *header,
                  uint64_t *offset)
{
    if (!segment_is_read_only(segments, header) || !(header->flags & PF_R) ||
        header->address - header->offset != segments->first->address - segments->first->offset)
        return 0;
    uint64_t end = header->offset + header->file_size;
    uint64_t page_end = align_up(end, segments->page_size);
    *offset = align_up(end, segments->form.wide ? 8 : 4);
    size_t room = *offset < page_end ? headers_in(segments, page_end - *offset) : 0;
    if (!room || page_end >= MOST_FILE_BYTES || !all_zeroes(segments, end, page_end) ||
        meets_header(segments, end, page_end) || meets_section(segments, end, page_end))
        return 0;
    return room;
}

size_t appended_room(const struct segments *segments, uint64_t *offset)
{
    if (segments->is_loader || sections_are_outside(segments))
        return 0;
    uint64_t difference = segments->first->address - segments->first->offset;
    uint64_t end = segments->size;
    for (size_t i = 0; i < segments->count; i++) {
        const struct program_header *header = &segments->list[i];
        uint64_t memory_end = header->address + header->memory_size - difference;
        /* A segment of size 0 may be below the first one: its end would then be negative. */
        if (header->type == PT_LOAD && header->memory_size && memory_end > end)
            end = memory_end;
    }
    if (end >= MOST_FILE_BYTES)
        return 0;
    *offset = align_up(end, segments->page_size);
    uint64_t most_address = segments->form.wide ? CRAMFS_ELF_MOST_ADDRESS : UINT32_MAX;
    bool fits = *offset + MOST_TABLE_BYTES < MOST_FILE_BYTES &&
                *offset + difference + MOST_TABLE_BYTES <= most_address;
    return fits ? headers_in(segments, MOST_TABLE_BYTES) - 1 : 0;
}
