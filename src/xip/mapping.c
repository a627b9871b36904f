#include "cramfs/mapping.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/zero.h"
#include "format/bytes.h"

const char *const *cramfs_kernel_names(void)
{
    static const char *const names[] = {[CRAMFS_KERNEL_MMU] = "mmu",
                                        [CRAMFS_KERNEL_NOMMU] = "nommu",
                                        [CRAMFS_KERNEL_V3] = "v3",
                                        [CRAMFS_KERNEL_FDPIC] = "fdpic",
                                        NULL};
    return names;
}

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

/*
 * How many blocks from `first` on are direct and stored and follow each other page by page; at most
 * `pages`. `*start` is the offset of the first.
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
        return 0; /* to the kernel 0 means "none" */
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

bool cramfs_last_page_shared(const struct cramfs_table *table, uint64_t page)
{
    uint32_t used = table->size % table->page_size;
    if (!used)
        return false;
    const struct cramfs_reader *reader = table->reader;
    uint64_t known = reader->known_size > reader->size ? reader->known_size : reader->size;
    for (uint32_t at = used; at < table->page_size;) {
        unsigned char bytes[256];
        size_t piece =
            table->page_size - at < sizeof(bytes) ? table->page_size - at : sizeof(bytes);
        if (page + at > known || piece > known - page - at)
            return true;
        reader->read(reader, page + at, bytes, piece);
        if (!all_zero(bytes, piece))
            return true;
        at += (uint32_t)piece;
    }
    return false;
}

/*
 * Where the kernel looks for bytes after the file's end: in the page that it takes for the last
 * one of the run.
 */
static uint64_t inspected_page(const struct cramfs_table *table, enum cramfs_kernel kernel,
                               uint64_t start, uint64_t run)
{
    uint64_t pages =
        kernel == CRAMFS_KERNEL_V3 ? cramfs_block_count(table->size, table->page_size) : run;
    return start + (pages - 1) * table->page_size;
}

/* The 2017 series stores the page where a partial mapping splits in 12 bits. */
#define SPLIT_PAGES 4096u

/* The kernel's steps after its first checks; sets direct_pages, reason and block. */
static void predict_mmu(const struct cramfs_table *table, const struct cramfs_placement *placement,
                        const struct cramfs_mapping *mapping, struct cramfs_prediction *prediction)
{
    uint64_t file_pages = cramfs_block_count(table->size, table->page_size);
    uint64_t first = mapping->offset / table->page_size;
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
    if ((placement->address + start) % table->page_size) {
        prediction->reason = CRAMFS_REASON_NOT_ALIGNED;
        return;
    }
    prediction->block = (uint32_t)(first + run);
    prediction->reason = run < wanted ? CRAMFS_REASON_RUN_BROKEN : CRAMFS_REASON_FILE_ENDS;
    if (first + run == file_pages &&
        cramfs_last_page_shared(table, inspected_page(table, placement->kernel, start, run))) {
        run--;
        prediction->reason =
            run ? CRAMFS_REASON_LAST_PAGE_SHARED : CRAMFS_REASON_NO_BLOCK_REMAINING;
    }
    prediction->direct_pages = run;
    if (run == prediction->pages) {
        prediction->reason = CRAMFS_REASON_NONE;
    } else if (placement->kernel == CRAMFS_KERNEL_V3 && run >= SPLIT_PAGES) {
        prediction->direct_pages = 0;
        prediction->reason = CRAMFS_REASON_SPLIT;
    }
}

/* The same without an MMU: either all pages are in one run, or none is direct. */
static void predict_nommu(const struct cramfs_table *table, const struct cramfs_mapping *mapping,
                          struct cramfs_prediction *prediction)
{
    uint64_t file_pages = cramfs_block_count(table->size, table->page_size);
    uint64_t first = mapping->offset / table->page_size;
    if (first >= file_pages || prediction->pages > file_pages - first) {
        prediction->reason = CRAMFS_REASON_REFUSED;
        return;
    }
    uint64_t start;
    uint64_t run = count_run(table, (uint32_t)first, prediction->pages, &start);
    if (run == prediction->pages) {
        prediction->direct_pages = run;
        return;
    }
    prediction->block = (uint32_t)(first + run);
    prediction->reason = CRAMFS_REASON_COPIED;
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
    else if (mapping->flags & CRAMFS_ELF_WRITE)
        prediction->reason = CRAMFS_REASON_WRITABLE;
    else if (placement->kernel == CRAMFS_KERNEL_NOMMU)
        predict_nommu(table, mapping, prediction);
    else
        predict_mmu(table, placement, mapping, prediction);
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
        [CRAMFS_REASON_FILE_ENDS] = "mapping ends after the file",
        [CRAMFS_REASON_REFUSED] = "mapping ends after the file, and fails",
        [CRAMFS_REASON_MERGED_BEFORE] = "merged with the mapping before it",
        [CRAMFS_REASON_MERGED_AFTER] = "merged with the mapping after it",
        [CRAMFS_REASON_SPLIT] = "the split is after page 4095",
    };
    if (prediction->reason == CRAMFS_REASON_RUN_BROKEN)
        snprintf(buffer, size, "block %" PRIu32 " breaks the run", prediction->block);
    else if (prediction->reason == CRAMFS_REASON_COPIED)
        snprintf(buffer, size, "block %" PRIu32 " breaks the run: copied to RAM",
                 prediction->block);
    else
        return texts[prediction->reason];
    return buffer;
}
