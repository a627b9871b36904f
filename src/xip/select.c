#include "cramfs/select.h"

#include <stdlib.h>
#include <string.h>

#include "cramfs/block.h"
#include "cramfs/diag.h"
#include "cramfs/program.h"

struct selecting {
    size_t size; /* of the file, bytes */
    uint32_t page_size;
    enum cramfs_kernel kernel;
    uint32_t blocks;       /* of the file */
    bool last_must_not_be; /* the last page must not be in place: the file has only whole pages */
    bool *in_place;
    struct cramfs_selection *out;
};

static bool goes_in_place(const struct cramfs_mapping *mapping, enum cramfs_xip xip)
{
    uint32_t kinds =
        xip == CRAMFS_XIP_TEXT ? CRAMFS_ELF_EXECUTE : CRAMFS_ELF_READ | CRAMFS_ELF_EXECUTE;
    return !mapping->impossible && !(mapping->flags & CRAMFS_ELF_WRITE) && (mapping->flags & kinds);
}

static void mark(const struct selecting *selecting, const struct cramfs_mapping *mapping)
{
    uint64_t first = mapping->offset / selecting->page_size;
    for (uint64_t i = first; i < selecting->blocks && i - first < mapping->kept_pages; i++)
        selecting->in_place[i] = true;
    selecting->out->mappings[selecting->out->mappings_count++] = *mapping;
}

/* A mapping of the whole file maps all of its pages. */
static void mark_whole(const struct selecting *selecting)
{
    struct cramfs_mapping whole = cramfs_mapping_whole(selecting->size, selecting->page_size);
    mark(selecting, &whole);
}

/* Whether a kernel without MMU can have all of the mapping's pages from the file. */
static bool is_whole(const struct selecting *selecting, const struct cramfs_mapping *mapping)
{
    uint64_t end = mapping->offset / selecting->page_size + mapping->kept_pages;
    return end < selecting->blocks || (end == selecting->blocks && !selecting->last_must_not_be);
}

static void mark_mapping(const struct selecting *selecting, const struct cramfs_mapping *mapping)
{
    uint64_t first = mapping->offset / selecting->page_size;
    if (selecting->kernel != CRAMFS_KERNEL_NOMMU || is_whole(selecting, mapping))
        mark(selecting, mapping);
    else if (first < selecting->blocks && selecting->last_must_not_be)
        selecting->out->last_excluded = true;
}

/*
 * Without an MMU, if the last page may not be in place, no mapping of the whole file can be direct.
 */
static bool can_be_whole(const struct selecting *selecting)
{
    return selecting->kernel != CRAMFS_KERNEL_NOMMU || !selecting->last_must_not_be;
}

/*
 * Direct mappings that begin at one address and end at different ones are a BUG() in
 * add_nommu_region().
 */
static bool overlapping(const struct cramfs_program *program)
{
    for (size_t i = 1; i < program->mappings_count; i++) {
        const struct cramfs_mapping *mapping = &program->mappings[i];
        for (size_t j = 0; j < i; j++) {
            const struct cramfs_mapping *before = &program->mappings[j];
            if (before->offset == mapping->offset && before->length != mapping->length &&
                goes_in_place(before, CRAMFS_XIP_READONLY) &&
                goes_in_place(mapping, CRAMFS_XIP_READONLY))
                return true;
        }
    }
    return false;
}

static enum cramfs_selection_reason reason_of_kind(enum cramfs_program_kind kind)
{
    switch (kind) {
    case CRAMFS_PROGRAM_NONE:
        return CRAMFS_SELECTION_NO_PROGRAM;
    case CRAMFS_PROGRAM_OTHER:
        return CRAMFS_SELECTION_NOT_LOADABLE;
    case CRAMFS_PROGRAM_MALFORMED:
        return CRAMFS_SELECTION_MALFORMED;
    case CRAMFS_PROGRAM_COPIED:
        return CRAMFS_SELECTION_COPIED;
    case CRAMFS_PROGRAM_MAPPED:
        break;
    }
    return CRAMFS_SELECTED;
}

/*
 * A value of `joins` for the selection's list of mappings, which lacks the mappings that do
 * not go in place. In the program's list, the joined mapping is `back` places before `number`. It
 * has the same flags, so if one of the two mappings is in the selection's list, the other is, too.
 */
static size_t selected_back(const struct cramfs_program *program, size_t number, size_t back,
                            enum cramfs_xip xip)
{
    size_t count = 0;
    for (size_t i = number - back; i < number; i++)
        count += goes_in_place(&program->mappings[i], xip);
    return count;
}

static void mark_program(const struct selecting *selecting, const struct cramfs_program *program)
{
    enum cramfs_xip xip = selecting->out->xip;
    /* Where the file cannot be mapped as a whole, its segments still can. */
    bool whole = xip == CRAMFS_XIP_ALL && can_be_whole(selecting);
    if (whole)
        mark_whole(selecting);
    for (size_t i = 0; !whole && i < program->mappings_count; i++) {
        struct cramfs_mapping mapping = program->mappings[i];
        if (!goes_in_place(&mapping, xip))
            continue;
        for (size_t j = 0; j < 2; j++)
            mapping.joins[j] = selected_back(program, i, mapping.joins[j], xip);
        mark_mapping(selecting, &mapping);
    }
}

static bool is_script(const void *bytes, size_t size)
{
    return size >= 2 && memcmp(bytes, "#!", 2) == 0;
}

/* Marks all pages: the file is mapped as a whole. */
static void mark_file(const struct selecting *selecting)
{
    if (can_be_whole(selecting))
        mark_whole(selecting);
    else
        selecting->out->last_excluded = true;
}

/*
 * Unmarks a last page that must not be in place, and counts the marked pages. Returns
 * CRAMFS_SELECTED, or the reason why there are none.
 */
static enum cramfs_selection_reason conclude(const struct selecting *selecting)
{
    struct cramfs_selection *out = selecting->out;
    bool *last = &selecting->in_place[selecting->blocks - 1];
    if (selecting->last_must_not_be && *last) {
        *last = false;
        out->last_excluded = true;
    }
    for (uint32_t i = 0; i < selecting->blocks; i++)
        out->pages += selecting->in_place[i];
    if (out->pages)
        return CRAMFS_SELECTED;
    return out->last_excluded ? CRAMFS_SELECTION_WHOLE_PAGES : CRAMFS_SELECTION_NO_SEGMENT;
}

/*
 * Why no page of the file is to be in place, for reasons other than its program headers.
 * CRAMFS_SELECTED if pages may be.
 */
static enum cramfs_selection_reason reason_of_rule(enum cramfs_xip xip, const void *bytes,
                                                   size_t size)
{
    if (xip == CRAMFS_XIP_NONE)
        return CRAMFS_SELECTION_OFF;
    if (xip == CRAMFS_XIP_STORED)
        return CRAMFS_SELECTION_STORED;
    return xip == CRAMFS_XIP_FILE && is_script(bytes, size) ? CRAMFS_SELECTION_SCRIPT
                                                            : CRAMFS_SELECTED;
}

static enum cramfs_selection_reason select_pages(const struct selecting *selecting,
                                                 const struct cramfs_program *program)
{
    if (selecting->out->xip == CRAMFS_XIP_FILE && program->kind != CRAMFS_PROGRAM_OTHER) {
        mark_file(selecting);
        return conclude(selecting);
    }
    enum cramfs_selection_reason reason = reason_of_kind(program->kind);
    if (reason != CRAMFS_SELECTED)
        return reason;
    if (selecting->kernel == CRAMFS_KERNEL_NOMMU && overlapping(program))
        return CRAMFS_SELECTION_OVERLAPPING;
    mark_program(selecting, program);
    return conclude(selecting);
}

int cramfs_select(const void *bytes, size_t size, uint32_t page_size, enum cramfs_kernel kernel,
                  enum cramfs_xip xip, bool *in_place, struct cramfs_selection *selection)
{
    const struct selecting selecting = {
        .size = size,
        .page_size = page_size,
        .kernel = kernel,
        .blocks = cramfs_block_count(size, page_size),
        .last_must_not_be = size % page_size == 0,
        .in_place = in_place,
        .out = selection,
    };
    memset(in_place, 0, selecting.blocks * sizeof(*in_place));
    *selection = (struct cramfs_selection){.reason = reason_of_rule(xip, bytes, size), .xip = xip};
    if (selection->reason != CRAMFS_SELECTED)
        return 0;
    struct cramfs_program program;
    int error = cramfs_program_read(bytes, size, kernel, page_size, &program);
    if (error)
        return error;
    /* One more, for a mapping of the whole file. */
    selection->mappings = calloc(program.mappings_count + 1, sizeof(*selection->mappings));
    if (selection->mappings) {
        selection->fault = program.fault;
        selection->reason = select_pages(&selecting, &program);
    }
    cramfs_program_free(&program);
    return selection->mappings ? 0 : -CRAMFS_ERR_MEMORY;
}

void cramfs_selection_free(struct cramfs_selection *selection)
{
    if (!selection)
        return;
    free(selection->mappings);
    selection->mappings = NULL;
    selection->mappings_count = 0;
}
