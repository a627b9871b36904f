#include "cramfs/mapping.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/zero.h"
#include "format/bytes.h"

struct cramfs_mapping cramfs_mapping_whole(uint64_t size, uint32_t page_size)
{
    uint64_t length = align_up(size, page_size);
    return (struct cramfs_mapping){
        .segment = -1,
        .flags = CRAMFS_ELF_READ,
        .length = length,
        .kept_pages = length / page_size,
    };
}

/* The size of the whole object in memory: total_mapping_size() of the kernel. */
static uint64_t object_length(const struct cramfs_elf *elf, uint32_t page_size)
{
    uint64_t low = UINT64_MAX;
    uint64_t high = 0;
    for (size_t i = 0; i < elf->segments_count; i++) {
        const struct cramfs_elf_segment *segment = &elf->segments[i];
        uint64_t begin = segment->address & ~(uint64_t)(page_size - 1);
        uint64_t end = segment->address + segment->memory_size;
        low = begin < low ? begin : low;
        high = end > high ? end : high;
    }
    return align_up(high - low, page_size);
}

static struct cramfs_mapping segment_mapping(const struct cramfs_elf_segment *segment,
                                             uint32_t page_size)
{
    uint64_t lead = segment->address & (page_size - 1);
    struct cramfs_mapping mapping = {
        .segment = segment->number,
        .flags = segment->flags,
        .length = align_up(segment->file_size + lead, page_size),
    };
    mapping.impossible = segment->offset % page_size != lead;
    mapping.offset = segment->offset & ~(uint64_t)(page_size - 1);
    mapping.kept_pages = mapping.length / page_size;
    return mapping;
}

size_t cramfs_elf_mappings(const struct cramfs_elf *elf, uint32_t page_size,
                           struct cramfs_mapping *mappings)
{
    size_t count = 0;
    for (size_t i = 0; i < elf->segments_count; i++) {
        if (!elf->segments[i].file_size)
            continue;
        struct cramfs_mapping *mapping = &mappings[count++];
        *mapping = segment_mapping(&elf->segments[i], page_size);
        if (i == 0 && elf->position_independent)
            mapping->length = object_length(elf, page_size);
    }
    return count;
}

/*
 * How many blocks from `first` on lie one page after the other, direct and stored; at most `pages`.
 * `*start` is where the first lies.
 */
static uint64_t count_run(const struct cramfs_table *table, uint32_t first, uint64_t pages,
                          uint64_t *start)
{
    const uint32_t form = CRAMFS_POINTER_DIRECT | CRAMFS_POINTER_STORED;
    uint32_t head;
    if (!cramfs_block_pointer(table, first, &head))
        return 0;
    head &= CRAMFS_POINTER_VALUE;
    *start = (uint64_t)head * CRAMFS_DIRECT_ALIGN;
    if (*start == 0)
        return 0; /* the kernel takes 0 for "none" */
    uint64_t run = 0;
    for (; run < pages; run++) {
        uint32_t pointer;
        uint32_t expected = head + (uint32_t)run * (table->page_size / CRAMFS_DIRECT_ALIGN);
        if (!cramfs_block_pointer(table, first + (uint32_t)run, &pointer) ||
            pointer != (expected | form))
            break;
    }
    return run;
}

/* Whether anything but zeroes stands behind the end of the file in its last page at `page`. */
static bool last_page_shared(const struct cramfs_table *table, uint64_t page)
{
    uint32_t used = table->size % table->page_size;
    if (!used)
        return false;
    const struct cramfs_reader *reader = table->reader;
    for (uint32_t at = used; at < table->page_size;) {
        unsigned char bytes[256];
        size_t piece =
            table->page_size - at < sizeof(bytes) ? table->page_size - at : sizeof(bytes);
        /* What lies behind the image is not ours to know; erased flash is not zero. */
        if (page + at > reader->size || piece > reader->size - page - at)
            return true;
        reader->read(reader, page + at, bytes, piece);
        if (!all_zero(bytes, piece))
            return true;
        at += (uint32_t)piece;
    }
    return false;
}

/* The kernel's steps after its gate; fills in direct_pages, reason and block. */
static void predict_open(const struct cramfs_table *table, uint64_t address,
                         const struct cramfs_mapping *mapping, struct cramfs_prediction *prediction)
{
    uint64_t file_pages = cramfs_block_count(table->size, table->page_size);
    uint64_t first = mapping->offset / table->page_size;
    if (mapping->flags & CRAMFS_ELF_WRITE) {
        prediction->reason = CRAMFS_REASON_WRITABLE;
        return;
    }
    if (first >= file_pages) {
        prediction->reason = CRAMFS_REASON_BEYOND_FILE;
        return;
    }
    uint64_t wanted = file_pages - first;
    if (prediction->pages < wanted)
        wanted = prediction->pages;
    uint64_t start;
    uint64_t run = count_run(table, (uint32_t)first, wanted, &start);
    if (!run) {
        prediction->reason = CRAMFS_REASON_BLOCK_LAYOUT;
        return;
    }
    if ((address + start) % table->page_size) {
        prediction->reason = CRAMFS_REASON_NOT_ALIGNED;
        return;
    }
    prediction->block = (uint32_t)(first + run);
    prediction->reason = run < wanted ? CRAMFS_REASON_RUN_BROKEN : CRAMFS_REASON_FILE_ENDS;
    if (first + run == file_pages &&
        last_page_shared(table, start + (run - 1) * table->page_size)) {
        run--;
        prediction->reason =
            run ? CRAMFS_REASON_LAST_PAGE_SHARED : CRAMFS_REASON_NO_BLOCK_REMAINING;
    }
    prediction->direct_pages = run;
    if (run == prediction->pages)
        prediction->reason = CRAMFS_REASON_NONE;
}

void cramfs_mapping_predict(const struct cramfs_table *table,
                            const struct cramfs_placement *placement,
                            const struct cramfs_mapping *mapping,
                            struct cramfs_prediction *prediction)
{
    *prediction = (struct cramfs_prediction){.pages = mapping->length / table->page_size};
    if (!placement->address)
        prediction->reason = CRAMFS_REASON_NO_ADDRESS;
    else if (!placement->extended)
        prediction->reason = CRAMFS_REASON_NO_EXT_POINTERS;
    else if (mapping->impossible)
        prediction->reason = CRAMFS_REASON_IMPOSSIBLE;
    else
        predict_open(table, placement->address, mapping, prediction);
}

const char *cramfs_reason_text(const struct cramfs_prediction *prediction, char *buffer,
                               size_t size)
{
    static const char *const texts[] = {
        [CRAMFS_REASON_NONE] = NULL,
        [CRAMFS_REASON_NO_ADDRESS] = "no physical address",
        [CRAMFS_REASON_NO_EXT_POINTERS] = "no extended block pointers",
        [CRAMFS_REASON_IMPOSSIBLE] = "segment offset and address differ within the page",
        [CRAMFS_REASON_WRITABLE] = "vma is writable",
        [CRAMFS_REASON_BEYOND_FILE] = "beyond file limit",
        [CRAMFS_REASON_BLOCK_LAYOUT] = "unsuitable block layout",
        [CRAMFS_REASON_NOT_ALIGNED] = "data is not page aligned",
        [CRAMFS_REASON_NO_BLOCK_REMAINING] = "no suitable block remaining",
        [CRAMFS_REASON_LAST_PAGE_SHARED] = "last page is shared",
        [CRAMFS_REASON_FILE_ENDS] = "mapping ends behind the file",
    };
    if (prediction->reason == CRAMFS_REASON_RUN_BROKEN) {
        snprintf(buffer, size, "block %" PRIu32 " breaks the run", prediction->block);
        return buffer;
    }
    return texts[prediction->reason];
}
