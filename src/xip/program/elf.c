#include "cramfs/elf.h"

#include <gelf.h>
#include <libelf.h>
#include <stdlib.h>
#include <string.h>

#include "cramfs/diag.h"

_Static_assert(CRAMFS_ELF_EXECUTE == PF_X && CRAMFS_ELF_WRITE == PF_W && CRAMFS_ELF_READ == PF_R,
               "our flags are ELF's");

/* The limit of load_elf_phdrs(): the headers must fit into the smallest page. */
enum { MAX_HEADER_BYTES = 4096 };

static const char *check_header(const GElf_Ehdr *header, int class, size_t size)
{
    size_t entry = class == ELFCLASS64 ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr);
    if (header->e_phnum == 0)
        return "it has no program headers";
    if (header->e_phentsize != entry)
        return "its program headers have an unknown size";
    if (header->e_phnum * entry > MAX_HEADER_BYTES)
        return "it has more program headers than a kernel reads";
    if (header->e_phoff > size || header->e_phnum * entry > size - header->e_phoff)
        return "its program headers are after the end of the file";
    return NULL;
}

static const char *check_segment(const GElf_Phdr *header)
{
    if (header->p_filesz > header->p_memsz)
        return "a segment has more bytes in the file than in memory";
    if (header->p_memsz > CRAMFS_ELF_MOST_ADDRESS ||
        header->p_vaddr > CRAMFS_ELF_MOST_ADDRESS - header->p_memsz ||
        header->p_offset > CRAMFS_ELF_MOST_ADDRESS)
        return "a segment is outside any address space";
    return NULL;
}

static int read_segments(Elf *file, const GElf_Ehdr *header, struct cramfs_elf *elf)
{
    elf->segments = calloc(header->e_phnum, sizeof(*elf->segments));
    if (!elf->segments)
        return -CRAMFS_ERR_MEMORY;
    for (int i = 0; i < header->e_phnum; i++) {
        GElf_Phdr program;
        if (!gelf_getphdr(file, i, &program)) {
            elf->fault = "its program headers cannot be read";
            return 0;
        }
        if (program.p_type != PT_LOAD)
            continue;
        elf->fault = check_segment(&program);
        if (elf->fault)
            return 0;
        elf->segments[elf->segments_count++] = (struct cramfs_elf_segment){
            .number = (uint32_t)i,
            .flags = program.p_flags & (PF_R | PF_W | PF_X),
            .offset = program.p_offset,
            .address = program.p_vaddr,
            .file_size = program.p_filesz,
            .memory_size = program.p_memsz,
        };
    }
    if (!elf->segments_count)
        elf->fault = "it has no PT_LOAD segment";
    return 0;
}

/* <elf.h> defines none of these. */
enum { OSABI_FDPIC = 65, SUPERH_FLAG_FDPIC = 0x8000, SUPERH_FLAG_PIC = 0x100, ARM_FLAG_PIC = 0x20 };

static bool is_fdpic(const GElf_Ehdr *header)
{
    switch (header->e_machine) {
    case EM_ARM:
    case EM_XTENSA:
        return header->e_ident[EI_OSABI] == OSABI_FDPIC;
    case EM_SH:
        return header->e_flags & SUPERH_FLAG_FDPIC;
    default:
        return false;
    }
}

/* As elf_check_const_displacement() of the kernel; Xtensa has no such flag. */
static bool keeps_distances(const GElf_Ehdr *header)
{
    switch (header->e_machine) {
    case EM_ARM:
        return header->e_flags & ARM_FLAG_PIC;
    case EM_SH:
        return header->e_flags & SUPERH_FLAG_PIC;
    default:
        return false;
    }
}

static int read_elf(Elf *file, size_t size, struct cramfs_elf *elf)
{
    GElf_Ehdr header;
    if (elf_kind(file) != ELF_K_ELF || !gelf_getehdr(file, &header)) {
        elf->fault = "its ELF header cannot be read";
        return 0;
    }
    if (header.e_type != ET_EXEC && header.e_type != ET_DYN) {
        elf->kind = CRAMFS_ELF_OTHER;
        return 0;
    }
    elf->narrow = gelf_getclass(file) == ELFCLASS32;
    elf->position_independent = header.e_type == ET_DYN;
    elf->fdpic = is_fdpic(&header);
    elf->constant_displacement = elf->fdpic && keeps_distances(&header);
    elf->fault = check_header(&header, gelf_getclass(file), size);
    return elf->fault ? 0 : read_segments(file, &header, elf);
}

int cramfs_elf_read(const void *bytes, size_t size, struct cramfs_elf *elf)
{
    *elf = (struct cramfs_elf){.kind = CRAMFS_ELF_NONE};
    if (size < SELFMAG || memcmp(bytes, ELFMAG, SELFMAG) != 0)
        return 0;

    elf->kind = CRAMFS_ELF_LOADABLE;
    elf_version(EV_CURRENT);
    /* libelf does not write to bytes that it opens for reading; its signature only lacks the const.
     */
    Elf *file = elf_memory((char *)(uintptr_t)bytes, size);
    int error = 0;
    if (file)
        error = read_elf(file, size, elf);
    else if (strcmp(elf_errmsg(-1), "out of memory") == 0)
        error = -CRAMFS_ERR_MEMORY; /* libelf has no error number for it */
    else
        elf->fault = "its ELF header cannot be read";
    elf_end(file);
    if (elf->fault)
        elf->kind = CRAMFS_ELF_MALFORMED;
    if (error || elf->kind != CRAMFS_ELF_LOADABLE) {
        free(elf->segments);
        elf->segments = NULL;
        elf->segments_count = 0;
    }
    return error;
}

void cramfs_elf_free(struct cramfs_elf *elf)
{
    if (!elf)
        return;
    free(elf->segments);
    *elf = (struct cramfs_elf){.kind = CRAMFS_ELF_NONE};
}
