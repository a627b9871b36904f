#include "xip/split/segments.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "cramfs/diag.h"
#include "cramfs/elf.h"
#include "format/bytes.h"
#include "xip/program/elf_dynamic.h"
#include "xip/program/loader.h"

static bool is_of_uclibc(const char *name)
{
    return strcmp(name, "libc.so.0") == 0 || strcmp(name, "libc.so.1") == 0 ||
           strncmp(name, "ld-uClibc", strlen("ld-uClibc")) == 0 ||
           strncmp(name, "ld64-uClibc", strlen("ld64-uClibc")) == 0;
}

static bool needs_uclibc(const struct elf_dynamic *dynamic)
{
    for (size_t i = 0; i < dynamic->needed_count; i++) {
        if (is_of_uclibc(dynamic->needed[i]))
            return true;
    }
    const char *slash = dynamic->interpreter ? strrchr(dynamic->interpreter, '/') : NULL;
    const char *interpreter = slash ? slash + 1 : dynamic->interpreter;
    return (interpreter && is_of_uclibc(interpreter)) ||
           (dynamic->soname && is_of_uclibc(dynamic->soname));
}

/* A library that needs no other may be the loader of programs, as musl's libc.so is. */
static bool may_be_loader(const struct elf_dynamic *dynamic, bool position_independent)
{
    if (dynamic->soname && loader_is_named(dynamic->soname))
        return true;
    return position_independent && dynamic->is_dynamic && !dynamic->needed_count &&
           !dynamic->interpreter && !dynamic->is_program;
}

static int look_at_dynamic(struct segments *segments, bool position_independent,
                           enum split_refusal *refusal)
{
    struct elf_dynamic dynamic;
    int error = elf_dynamic_read(segments->bytes, segments->size, &dynamic);
    if (error)
        return error;
    if (dynamic.fault)
        *refusal = SPLIT_MALFORMED;
    else if (needs_uclibc(&dynamic))
        *refusal = SPLIT_UCLIBC;
    else if (dynamic.has_text_relocations)
        *refusal = SPLIT_TEXT_RELOCATIONS;
    segments->is_loader = may_be_loader(&dynamic, position_independent);
    elf_dynamic_free(&dynamic);
    return 0;
}

static bool is_mapped(const struct program_header *header)
{
    return header->type == PT_LOAD && header->memory_size;
}

/*
 * Whether the PT_LOADs ascend in memory and in the file, and no page of memory and no byte of the
 * file belongs to two PT_LOADs.
 */
static bool are_apart(const struct segments *segments)
{
    const uint64_t mask = segments->page_size - 1;
    uint64_t memory_end = 0;
    uint64_t file_end = 0;
    for (size_t i = 0; i < segments->count; i++) {
        const struct program_header *header = &segments->list[i];
        if (!is_mapped(header))
            continue;
        if ((header->address & ~mask) < memory_end ||
            (header->file_size && header->offset < file_end))
            return false;
        memory_end = align_up(header->address + header->memory_size, segments->page_size);
        if (header->file_size)
            file_end = header->offset + header->file_size;
    }
    /*
     * In ELF32, all memory must end within 4 GiB, with room for the segment that may be added after
     * it.
     */
    return segments->form.wide || memory_end + 2 * (uint64_t)segments->page_size <= UINT32_MAX;
}

/* The first PT_LOAD, if it begins the file, and its p_vaddr and p_offset differ by whole pages. */
static const struct program_header *find_first(const struct segments *segments)
{
    for (size_t i = 0; i < segments->count; i++) {
        const struct program_header *header = &segments->list[i];
        if (header->type == PT_LOAD)
            return header->offset == 0 && header->address % segments->page_size == 0 &&
                           header->file_size >= elf_header_size(segments->form)
                       ? header
                       : NULL;
    }
    return NULL;
}

static enum split_refusal refusal_of_segments(struct segments *segments)
{
    bool any = false;
    segments->first = find_first(segments);
    if (!segments->first || !are_apart(segments))
        return SPLIT_OVERLAPPING;
    for (size_t i = 0; i < segments->count; i++) {
        const struct program_header *header = &segments->list[i];
        any = any || (segment_is_read_only(segments, header) &&
                      header->offset / segments->page_size !=
                          (header->offset + header->file_size - 1) / segments->page_size);
    }
    return any ? SPLIT_POSSIBLE : SPLIT_NOTHING;
}

static int read_table(struct segments *segments)
{
    segments->count = elf_table_count(segments->form, segments->bytes);
    segments->list = calloc(segments->count, sizeof(*segments->list));
    if (!segments->list)
        return -CRAMFS_ERR_MEMORY;
    const unsigned char *table =
        segments->bytes + elf_table_offset(segments->form, segments->bytes);
    for (size_t i = 0; i < segments->count; i++)
        segments->list[i] =
            program_header_read(segments->form, table + i * program_header_size(segments->form));
    return 0;
}

int segments_read(const void *bytes, size_t size, uint32_t page_size, struct segments *segments,
                  enum split_refusal *refusal)
{
    *segments = (struct segments){.bytes = bytes, .size = size, .page_size = page_size};
    struct cramfs_elf elf;
    int error = cramfs_elf_read(bytes, size, &elf);
    if (error)
        return error;
    bool position_independent = elf.position_independent;
    *refusal = elf.kind == CRAMFS_ELF_MALFORMED  ? SPLIT_MALFORMED
               : elf.kind != CRAMFS_ELF_LOADABLE ? SPLIT_NOT_LOADABLE
               : elf.fdpic                       ? SPLIT_FDPIC
                                                 : SPLIT_POSSIBLE;
    cramfs_elf_free(&elf);
    if (*refusal != SPLIT_POSSIBLE)
        return 0;
    segments->form = elf_form_of(bytes);
    error = look_at_dynamic(segments, position_independent, refusal);
    if (!error)
        error = read_table(segments);
    if (!error && *refusal == SPLIT_POSSIBLE)
        *refusal = refusal_of_segments(segments);
    return error;
}

void segments_free(struct segments *segments)
{
    free(segments->list);
    segments->list = NULL;
}

bool segment_is_read_only(const struct segments *segments, const struct program_header *header)
{
    return header->type == PT_LOAD && !(header->flags & PF_W) && (header->flags & (PF_R | PF_X)) &&
           header->file_size && header->file_size == header->memory_size &&
           header->offset < segments->size &&
           header->file_size <= segments->size - header->offset &&
           (header->address - header->offset) % segments->page_size == 0;
}
