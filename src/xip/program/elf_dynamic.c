#include "xip/program/elf_dynamic.h"

#include <gelf.h>
#include <libelf.h>
#include <stdlib.h>
#include <string.h>

#include "cramfs/diag.h"
#include "cramfs/elf.h"

/* A longer string is not a path: the search for its end stops here. */
enum { MOST_STRING = 1 << 16 };

/* A file being read. */
struct elf_dynamic_reading {
    const char *bytes;
    size_t size;
    Elf *file;
    const struct cramfs_elf *segments; /* PT_LOADs */
    struct elf_dynamic *out;
};

/* The entries of the dynamic section, except DT_NEEDED. */
struct entries {
    uint64_t strings; /* DT_STRTAB, an address */
    uint64_t strings_size;
    uint64_t rpath; /* offsets in the strings; UINT64_MAX for none */
    uint64_t runpath;
    uint64_t soname;
    uint64_t flags;   /* DT_FLAGS */
    uint64_t flags_1; /* DT_FLAGS_1 */
    bool text_relocations;
};

/*
 * The bytes of the file that the loader maps at an address; *length is their number, up to the end
 * of the segment.
 */
static const char *at_address(const struct elf_dynamic_reading *reading, uint64_t address,
                              uint64_t *length)
{
    for (size_t i = 0; i < reading->segments->segments_count; i++) {
        const struct cramfs_elf_segment *segment = &reading->segments->segments[i];
        if (address < segment->address || address - segment->address >= segment->file_size)
            continue;
        uint64_t into = address - segment->address;
        /* cramfs_elf_read() accepts only offsets and addresses below 1 << 56. */
        uint64_t offset = segment->offset + into;
        if (offset >= reading->size)
            return NULL;
        *length = segment->file_size - into;
        if (*length > reading->size - offset)
            *length = reading->size - offset;
        return reading->bytes + offset;
    }
    return NULL;
}

/*
 * The string at an offset of the string table; NULL when it is not in the table, or does not end
 * there.
 */
static const char *string_at(const char *strings, uint64_t length, uint64_t offset)
{
    if (offset >= length)
        return NULL;
    size_t most = length - offset < MOST_STRING ? (size_t)(length - offset) : MOST_STRING;
    return memchr(strings + offset, '\0', most) ? strings + offset : NULL;
}

static void read_other(const GElf_Dyn *entry, struct entries *entries)
{
    if (entry->d_tag == DT_SONAME)
        entries->soname = entry->d_un.d_val;
    else if (entry->d_tag == DT_FLAGS)
        entries->flags = entry->d_un.d_val;
    else if (entry->d_tag == DT_FLAGS_1)
        entries->flags_1 = entry->d_un.d_val;
    else if (entry->d_tag == DT_TEXTREL)
        entries->text_relocations = true;
}

/* Reads the entries; `needed` gets the offsets of DT_NEEDED, as many as there is room for. */
static size_t read_entries(Elf_Data *data, struct entries *entries, uint64_t *needed)
{
    size_t count = 0;
    GElf_Dyn entry;
    for (int i = 0; gelf_getdyn(data, i, &entry) && entry.d_tag != DT_NULL; i++) {
        if (entry.d_tag == DT_NEEDED && count++ < ELF_MOST_NEEDED)
            needed[count - 1] = entry.d_un.d_val;
        else if (entry.d_tag == DT_STRTAB)
            entries->strings = entry.d_un.d_ptr;
        else if (entry.d_tag == DT_STRSZ)
            entries->strings_size = entry.d_un.d_val;
        else if (entry.d_tag == DT_RPATH)
            entries->rpath = entry.d_un.d_val;
        else if (entry.d_tag == DT_RUNPATH)
            entries->runpath = entry.d_un.d_val;
        else
            read_other(&entry, entries);
    }
    return count;
}

/* With DT_RUNPATH, DT_RPATH does not count. */
static const char *take_strings(const struct elf_dynamic_reading *reading,
                                const struct entries *entries, const uint64_t *needed,
                                size_t needed_count)
{
    struct elf_dynamic *out = reading->out;
    uint64_t length = 0;
    const char *strings = at_address(reading, entries->strings, &length);
    if (!strings)
        return "its dynamic string table is in no segment";
    if (length > entries->strings_size)
        length = entries->strings_size;
    out->is_runpath = entries->runpath != UINT64_MAX;
    out->is_rpath = !out->is_runpath && entries->rpath != UINT64_MAX;
    if (out->is_runpath || out->is_rpath) {
        uint64_t offset = out->is_runpath ? entries->runpath : entries->rpath;
        out->run_path = string_at(strings, length, offset);
        if (!out->run_path)
            return "its run path is outside the dynamic string table";
    }
    if (entries->soname != UINT64_MAX)
        out->soname = string_at(strings, length, entries->soname);
    for (size_t i = 0; i < needed_count; i++) {
        const char *name = string_at(strings, length, needed[i]);
        if (!name)
            return "the name of a needed library is outside the dynamic string table";
        out->needed[out->needed_count++] = name;
    }
    return NULL;
}

static int read_dynamic(const struct elf_dynamic_reading *reading, const GElf_Phdr *header)
{
    struct elf_dynamic *out = reading->out;
    struct entries entries = {0};
    entries.strings_size = entries.rpath = entries.runpath = entries.soname = UINT64_MAX;
    out->is_dynamic = true;
    if (header->p_offset > reading->size || header->p_filesz > reading->size - header->p_offset) {
        out->fault = "its dynamic section is after the end of the file";
        return 0;
    }
    Elf_Data *data = elf_getdata_rawchunk(reading->file, (int64_t)header->p_offset,
                                          (size_t)header->p_filesz, ELF_T_DYN);
    if (!data) {
        out->fault = "its dynamic section cannot be read";
        return 0;
    }
    uint64_t *offsets = calloc(ELF_MOST_NEEDED, sizeof(*offsets));
    out->needed = calloc(ELF_MOST_NEEDED, sizeof(*out->needed));
    if (!offsets || !out->needed) {
        free(offsets);
        return -CRAMFS_ERR_MEMORY;
    }
    size_t count = read_entries(data, &entries, offsets);
    out->is_program = entries.flags_1 & DF_1_PIE;
    out->has_text_relocations = entries.text_relocations || (entries.flags & DF_TEXTREL);
    if (count > ELF_MOST_NEEDED)
        out->fault = "it needs more than 1024 libraries";
    else if (count || entries.runpath != UINT64_MAX || entries.rpath != UINT64_MAX ||
             entries.soname != UINT64_MAX)
        out->fault = take_strings(reading, &entries, offsets, count);
    free(offsets);
    return 0;
}

static void read_interpreter(const struct elf_dynamic_reading *reading, const GElf_Phdr *header)
{
    if (header->p_offset > reading->size || header->p_filesz > reading->size - header->p_offset ||
        !memchr(reading->bytes + header->p_offset, '\0', (size_t)header->p_filesz))
        reading->out->fault = "the name of its interpreter does not end";
    else
        reading->out->interpreter = reading->bytes + header->p_offset;
}

/* The loader uses the first PT_INTERP, as the kernel does, and one PT_DYNAMIC. */
static int read_headers(const struct elf_dynamic_reading *reading, const GElf_Ehdr *header)
{
    bool dynamic = false;
    int error = 0;
    for (int i = 0; !error && !reading->out->fault && i < header->e_phnum; i++) {
        GElf_Phdr program;
        if (!gelf_getphdr(reading->file, i, &program))
            continue;
        if (program.p_type == PT_INTERP && !reading->out->interpreter)
            read_interpreter(reading, &program);
        if (program.p_type == PT_DYNAMIC && !dynamic) {
            dynamic = true;
            error = read_dynamic(reading, &program);
        }
    }
    return error;
}

static int read_elf(struct elf_dynamic_reading *reading)
{
    GElf_Ehdr header;
    elf_version(EV_CURRENT);
    /* libelf does not write to bytes that it opens for reading; its signature only lacks the const.
     */
    reading->file = elf_memory((char *)(uintptr_t)reading->bytes, reading->size);
    if (!reading->file)
        return -CRAMFS_ERR_MEMORY; /* no other reason: cramfs_elf_read() opened these bytes */
    int error = 0;
    if (gelf_getehdr(reading->file, &header)) {
        reading->out->machine = (struct elf_machine){
            .class = header.e_ident[EI_CLASS],
            .order = header.e_ident[EI_DATA],
            .number = header.e_machine,
        };
        error = read_headers(reading, &header);
    }
    elf_end(reading->file);
    return error;
}

int elf_dynamic_read(const void *bytes, size_t size, struct elf_dynamic *dynamic)
{
    struct cramfs_elf elf;
    struct elf_dynamic_reading reading = {
        .bytes = bytes, .size = size, .segments = &elf, .out = dynamic};
    *dynamic = (struct elf_dynamic){0};
    int error = cramfs_elf_read(bytes, size, &elf);
    if (error)
        return error;
    if (elf.kind == CRAMFS_ELF_LOADABLE)
        error = read_elf(&reading);
    cramfs_elf_free(&elf);
    if (error)
        elf_dynamic_free(dynamic);
    return error;
}

void elf_dynamic_free(struct elf_dynamic *dynamic)
{
    free(dynamic->needed);
    *dynamic = (struct elf_dynamic){0};
}
