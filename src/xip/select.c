#include "cramfs/select.h"

#include <stdlib.h>
#include <string.h>

#include "cramfs/block.h"
#include "cramfs/diag.h"
#include "cramfs/elf.h"
#include "cramfs/mapping.h"

static bool maps_directly(const struct cramfs_mapping *mapping)
{
    return !mapping->impossible && !(mapping->flags & CRAMFS_ELF_WRITE) &&
           (mapping->flags & (CRAMFS_ELF_READ | CRAMFS_ELF_EXECUTE));
}

/* Marks the pages that stay mapped, as far as the file has them. */
static void mark(const struct cramfs_mapping *mapping, uint32_t page_size, uint64_t file_pages,
                 bool *in_place)
{
    uint64_t first = mapping->offset / page_size;
    for (uint64_t i = 0; i < mapping->kept_pages && first + i < file_pages; i++)
        in_place[first + i] = true;
}

static int mark_segments(const struct cramfs_elf *elf, uint32_t page_size, uint64_t file_pages,
                         bool *in_place)
{
    struct cramfs_mapping *mappings = calloc(elf->segments_count, sizeof(*mappings));
    if (!mappings)
        return -CRAMFS_ERR_MEMORY;
    size_t count = cramfs_elf_mappings(elf, page_size, mappings);
    for (size_t i = 0; i < count; i++) {
        if (maps_directly(&mappings[i]))
            mark(&mappings[i], page_size, file_pages, in_place);
    }
    free(mappings);
    return 0;
}

static enum cramfs_selection_reason reason_of_kind(enum cramfs_elf_kind kind)
{
    switch (kind) {
    case CRAMFS_ELF_NONE:
        return CRAMFS_SELECTION_NOT_ELF;
    case CRAMFS_ELF_OTHER:
        return CRAMFS_SELECTION_NOT_LOADABLE;
    case CRAMFS_ELF_MALFORMED:
        return CRAMFS_SELECTION_MALFORMED;
    case CRAMFS_ELF_LOADABLE:
        break;
    }
    return CRAMFS_SELECTED;
}

static void conclude(size_t size, uint32_t page_size, bool *in_place,
                     struct cramfs_selection *selection)
{
    uint32_t blocks = cramfs_block_count(size, page_size);
    if (size % page_size == 0 && in_place[blocks - 1]) {
        in_place[blocks - 1] = false;
        selection->last_excluded = true;
    }
    for (uint32_t i = 0; i < blocks; i++)
        selection->pages += in_place[i];
    if (!selection->pages)
        selection->reason =
            selection->last_excluded ? CRAMFS_SELECTION_WHOLE_PAGES : CRAMFS_SELECTION_NO_READONLY;
}

int cramfs_select(const void *bytes, size_t size, uint32_t page_size, enum cramfs_xip xip,
                  bool *in_place, struct cramfs_selection *selection)
{
    uint32_t blocks = cramfs_block_count(size, page_size);
    memset(in_place, 0, blocks * sizeof(*in_place));
    *selection = (struct cramfs_selection){.reason = CRAMFS_SELECTION_OFF};
    if (xip == CRAMFS_XIP_NONE)
        return 0;

    struct cramfs_elf elf;
    int error = cramfs_elf_read(bytes, size, &elf);
    if (error)
        return error;
    selection->reason = reason_of_kind(elf.kind);
    selection->fault = elf.fault;
    if (elf.kind == CRAMFS_ELF_LOADABLE) {
        error = mark_segments(&elf, page_size, blocks, in_place);
        if (!error)
            conclude(size, page_size, in_place, selection);
    }
    cramfs_elf_free(&elf);
    return error;
}

const char *cramfs_selection_text(const struct cramfs_selection *selection)
{
    switch (selection->reason) {
    case CRAMFS_SELECTED:
        return "read-only segments";
    case CRAMFS_SELECTION_OFF:
        return "--xip=none";
    case CRAMFS_SELECTION_NOT_ELF:
        return "not an ELF file";
    case CRAMFS_SELECTION_NOT_LOADABLE:
        return "an ELF file that no loader maps";
    case CRAMFS_SELECTION_MALFORMED:
        return selection->fault;
    case CRAMFS_SELECTION_NO_READONLY:
        return "no read-only segment";
    case CRAMFS_SELECTION_WHOLE_PAGES:
        return "the last of whole pages cannot be in place";
    }
    return NULL;
}
