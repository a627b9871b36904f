/*
 * The program headers of an ELF file, as numbers and as bytes: both classes, both byte orders.
 *
 * libelf is not used: it writes whole files and changes their layout. A cut changes two fields of
 * the ELF header and writes one table, and no other byte may move.
 */
#ifndef CRAMFS_XIP_SPLIT_HEADERS_H
#define CRAMFS_XIP_SPLIT_HEADERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cramfs/format.h"

struct elf_form {
    bool wide; /* ELF64 */
    enum cramfs_order order;
};

struct program_header {
    uint32_t type;
    uint32_t flags;
    uint64_t offset;
    uint64_t address; /* p_vaddr */
    uint64_t physical;
    uint64_t file_size;
    uint64_t memory_size;
    uint64_t align;
};

/* The longest ELF header. */
enum { ELF_HEADER_MOST = 64 };

struct elf_form elf_form_of(const unsigned char *bytes);
size_t elf_header_size(struct elf_form form);
size_t program_header_size(struct elf_form form);

struct program_header program_header_read(struct elf_form form, const unsigned char *from);
void program_header_write(struct elf_form form, unsigned char *to,
                          const struct program_header *header);

/*
 * For an ELF header that cramfs_elf_read() accepted: where its program headers are, and how many.
 */
uint64_t elf_table_offset(struct elf_form form, const unsigned char *header);
uint16_t elf_table_count(struct elf_form form, const unsigned char *header);
void elf_table_set(struct elf_form form, unsigned char *header, uint64_t offset, uint16_t count);

/*
 * The table of section headers: its offset and its size in bytes. The size is 0 also if the ELF
 * header does not have the number of section headers, or has an unknown size of one.
 */
uint64_t elf_sections_offset(struct elf_form form, const unsigned char *header);
uint64_t elf_sections_size(struct elf_form form, const unsigned char *header);

/* Where the bytes of a section are in the file. SHT_NOBITS and SHT_NULL have none. */
void section_extent(struct elf_form form, const unsigned char *from, uint64_t *offset,
                    uint64_t *size);
size_t section_header_size(struct elf_form form);

#endif
