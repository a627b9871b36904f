#include "cramfs/program.h"

#include <stdlib.h>
#include <string.h>

#include "cramfs/diag.h"
#include "cramfs/flat.h"
#include "format/bytes.h"
#include "xip/program/loader.h"

const char *cramfs_program_kind_name(enum cramfs_program_kind kind)
{
    static const char *const names[] = {
        [CRAMFS_PROGRAM_NONE] = "none",           [CRAMFS_PROGRAM_OTHER] = "other",
        [CRAMFS_PROGRAM_MALFORMED] = "malformed", [CRAMFS_PROGRAM_COPIED] = "copied",
        [CRAMFS_PROGRAM_MAPPED] = "mapped",
    };
    return names[kind];
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

/* A segment as one mapping of its first `bytes` bytes. */
static struct cramfs_mapping segment_mapping(const struct cramfs_elf_segment *segment,
                                             uint64_t bytes, uint32_t page_size)
{
    uint64_t lead = segment->address & (page_size - 1);
    struct cramfs_mapping mapping = {
        .segment = segment->number,
        .flags = segment->flags,
        .length = align_up(bytes + lead, page_size),
    };
    mapping.impossible = segment->offset % page_size != lead;
    mapping.offset = segment->offset & ~(uint64_t)(page_size - 1);
    mapping.kept_pages = mapping.length / page_size;
    mapping.address = segment->address - lead;
    mapping.reach = align_up(segment->memory_size + lead, page_size);
    return mapping;
}

size_t cramfs_elf_mappings(const struct cramfs_elf *elf, uint32_t page_size,
                           struct cramfs_mapping *mappings)
{
    size_t count = 0;
    for (size_t i = 0; i < elf->segments_count; i++) {
        const struct cramfs_elf_segment *segment = &elf->segments[i];
        if (!segment->file_size)
            continue;
        struct cramfs_mapping *mapping = &mappings[count++];
        *mapping = segment_mapping(segment, segment->file_size, page_size);
        if (i == 0 && elf->position_independent)
            mapping->length = object_length(elf, page_size);
    }
    return count;
}

size_t cramfs_fdpic_mappings(const struct cramfs_elf *elf, uint32_t page_size,
                             struct cramfs_mapping *mappings)
{
    size_t count = 0;
    for (size_t i = 0; i < elf->segments_count; i++) {
        const struct cramfs_elf_segment *segment = &elf->segments[i];
        if (segment->memory_size)
            mappings[count++] = segment_mapping(segment, segment->memory_size, page_size);
    }
    return count;
}

static void map_fdpic(const struct cramfs_elf *elf, enum cramfs_kernel kernel, uint32_t page_size,
                      struct cramfs_program *program)
{
    program->mappings_count = cramfs_fdpic_mappings(elf, page_size, program->mappings);
    if (kernel != CRAMFS_KERNEL_NOMMU && elf->constant_displacement)
        cramfs_mappings_join(program->mappings, program->mappings_count, page_size,
                             CRAMFS_LOADER_KERNEL);
}

static int map_ordinary(const void *bytes, size_t size, const struct cramfs_elf *elf,
                        uint32_t page_size, struct cramfs_program *program)
{
    enum cramfs_loader loader;
    int error = loader_find(bytes, size, elf, &loader);
    if (error)
        return error;
    program->mappings_count = cramfs_elf_mappings(elf, page_size, program->mappings);
    cramfs_mappings_join(program->mappings, program->mappings_count, page_size, loader);
    return 0;
}

static int map_elf(const void *bytes, size_t size, const struct cramfs_elf *elf,
                   enum cramfs_kernel kernel, uint32_t page_size, struct cramfs_program *program)
{
    bool nommu = kernel == CRAMFS_KERNEL_NOMMU;
    if (nommu && (!elf->fdpic || elf->constant_displacement)) {
        program->kind = CRAMFS_PROGRAM_COPIED;
        return 0;
    }
    program->mappings = calloc(elf->segments_count, sizeof(*program->mappings));
    if (!program->mappings)
        return -CRAMFS_ERR_MEMORY;
    if (elf->fdpic && (nommu || kernel == CRAMFS_KERNEL_FDPIC))
        map_fdpic(elf, kernel, page_size, program);
    else
        return map_ordinary(bytes, size, elf, page_size, program);
    return 0;
}

static int read_elf(const void *bytes, size_t size, enum cramfs_kernel kernel, uint32_t page_size,
                    struct cramfs_program *program)
{
    static const enum cramfs_program_kind kinds[] = {
        [CRAMFS_ELF_NONE] = CRAMFS_PROGRAM_NONE,
        [CRAMFS_ELF_OTHER] = CRAMFS_PROGRAM_OTHER,
        [CRAMFS_ELF_MALFORMED] = CRAMFS_PROGRAM_MALFORMED,
        [CRAMFS_ELF_LOADABLE] = CRAMFS_PROGRAM_MAPPED,
    };
    struct cramfs_elf elf;
    int error = cramfs_elf_read(bytes, size, &elf);
    if (error)
        return error;
    program->kind = kinds[elf.kind];
    program->fault = elf.fault;
    program->narrow = elf.kind == CRAMFS_ELF_LOADABLE && elf.narrow;
    if (elf.kind == CRAMFS_ELF_LOADABLE)
        error = map_elf(bytes, size, &elf, kernel, page_size, program);
    if (error)
        cramfs_program_free(program);
    cramfs_elf_free(&elf);
    return error;
}

static int map_text(const struct cramfs_flat *flat, uint32_t page_size,
                    struct cramfs_program *program)
{
    program->mappings = calloc(1, sizeof(*program->mappings));
    if (!program->mappings)
        return -CRAMFS_ERR_MEMORY;
    program->mappings_count = 1;
    program->mappings[0] = cramfs_mapping_whole(flat->text_end, page_size);
    program->mappings[0].segment = 0;
    program->mappings[0].flags |= CRAMFS_ELF_EXECUTE;
    return 0;
}

static int read_flat(const void *bytes, size_t size, enum cramfs_kernel kernel, uint32_t page_size,
                     struct cramfs_program *program)
{
    static const enum cramfs_program_kind kinds[] = {
        [CRAMFS_FLAT_NONE] = CRAMFS_PROGRAM_NONE,
        [CRAMFS_FLAT_MALFORMED] = CRAMFS_PROGRAM_MALFORMED,
        [CRAMFS_FLAT_COPIED] = CRAMFS_PROGRAM_COPIED,
        [CRAMFS_FLAT_MAPPED] = CRAMFS_PROGRAM_MAPPED,
    };
    struct cramfs_flat flat;
    cramfs_flat_read(bytes, size, &flat);
    program->kind = kinds[flat.kind];
    program->fault = flat.fault;
    if (kernel == CRAMFS_KERNEL_NOMMU)
        return flat.kind == CRAMFS_FLAT_MAPPED ? map_text(&flat, page_size, program) : 0;
    /*
     * With an MMU load_flat_file() reads all of it into RAM. Malformed bFLT counts as a file that
     * is not a program.
     */
    bool runs = flat.kind == CRAMFS_FLAT_MAPPED || flat.kind == CRAMFS_FLAT_COPIED;
    program->kind = runs ? CRAMFS_PROGRAM_COPIED : CRAMFS_PROGRAM_NONE;
    program->fault = NULL;
    return 0;
}

bool cramfs_program_begins(const void *bytes, size_t size)
{
    static const unsigned char elf[] = {0x7f, 'E', 'L', 'F'};
    static const unsigned char flat[] = {'b', 'F', 'L', 'T'};
    return size >= sizeof(elf) &&
           (memcmp(bytes, elf, sizeof(elf)) == 0 || memcmp(bytes, flat, sizeof(flat)) == 0);
}

int cramfs_program_read(const void *bytes, size_t size, enum cramfs_kernel kernel,
                        uint32_t page_size, struct cramfs_program *program)
{
    *program = (struct cramfs_program){.kind = CRAMFS_PROGRAM_NONE};
    int error = read_elf(bytes, size, kernel, page_size, program);
    if (!error && program->kind == CRAMFS_PROGRAM_NONE)
        error = read_flat(bytes, size, kernel, page_size, program);
    return error;
}

void cramfs_program_free(struct cramfs_program *program)
{
    if (!program)
        return;
    free(program->mappings);
    *program = (struct cramfs_program){.kind = CRAMFS_PROGRAM_NONE};
}
