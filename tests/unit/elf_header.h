/*
 * The headers of a 32-bit ELF file in the order of this host, for tests that make programs.
 */
#ifndef TESTS_UNIT_ELF_HEADER_H
#define TESTS_UNIT_ELF_HEADER_H

#include <elf.h>

#include "cramfs/format.h"

/* Its program headers, so many, come right after it. */
static inline Elf32_Ehdr elf_header(uint16_t type, size_t count)
{
    return (Elf32_Ehdr){
        .e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS32,
                    cramfs_host_order() == CRAMFS_BIG ? ELFDATA2MSB : ELFDATA2LSB, EV_CURRENT},
        .e_type = type,
        .e_machine = EM_ARM,
        .e_version = EV_CURRENT,
        .e_phoff = sizeof(Elf32_Ehdr),
        .e_ehsize = sizeof(Elf32_Ehdr),
        .e_phentsize = sizeof(Elf32_Phdr),
        .e_phnum = (Elf32_Half)count,
    };
}

/* A segment of `size` bytes, all of them in the file. */
static inline Elf32_Phdr elf_segment(uint32_t flags, uint32_t offset, uint32_t address,
                                     uint32_t size)
{
    return (Elf32_Phdr){.p_type = PT_LOAD,
                        .p_flags = flags,
                        .p_offset = offset,
                        .p_vaddr = address,
                        .p_filesz = size,
                        .p_memsz = size,
                        .p_align = 4096};
}

#endif
