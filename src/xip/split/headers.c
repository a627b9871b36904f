#include "xip/split/headers.h"

#include <elf.h>

#include "format/bytes.h"

static uint64_t load_word(struct elf_form form, const unsigned char *from)
{
    if (!form.wide)
        return load32(form.order, from);
    uint64_t first = load32(form.order, from);
    uint64_t second = load32(form.order, from + 4);
    return form.order == CRAMFS_BIG ? first << 32 | second : second << 32 | first;
}

static void store_word(struct elf_form form, unsigned char *to, uint64_t value)
{
    if (!form.wide) {
        store32(form.order, to, (uint32_t)value);
        return;
    }
    bool big = form.order == CRAMFS_BIG;
    store32(form.order, to + (big ? 4 : 0), (uint32_t)value);
    store32(form.order, to + (big ? 0 : 4), (uint32_t)(value >> 32));
}

/* The offset of a field: the two classes have the same fields at different offsets. */
#define FIELD(form, type, field)                                                                   \
    ((form).wide ? offsetof(Elf64_##type, field) : offsetof(Elf32_##type, field))

struct elf_form elf_form_of(const unsigned char *bytes)
{
    return (struct elf_form){.wide = bytes[EI_CLASS] == ELFCLASS64,
                             .order = bytes[EI_DATA] == ELFDATA2MSB ? CRAMFS_BIG : CRAMFS_LITTLE};
}

size_t elf_header_size(struct elf_form form)
{
    return form.wide ? sizeof(Elf64_Ehdr) : sizeof(Elf32_Ehdr);
}

size_t program_header_size(struct elf_form form)
{
    return form.wide ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr);
}

size_t section_header_size(struct elf_form form)
{
    return form.wide ? sizeof(Elf64_Shdr) : sizeof(Elf32_Shdr);
}

struct program_header program_header_read(struct elf_form form, const unsigned char *from)
{
    return (struct program_header){
        .type = load32(form.order, from + FIELD(form, Phdr, p_type)),
        .flags = load32(form.order, from + FIELD(form, Phdr, p_flags)),
        .offset = load_word(form, from + FIELD(form, Phdr, p_offset)),
        .address = load_word(form, from + FIELD(form, Phdr, p_vaddr)),
        .physical = load_word(form, from + FIELD(form, Phdr, p_paddr)),
        .file_size = load_word(form, from + FIELD(form, Phdr, p_filesz)),
        .memory_size = load_word(form, from + FIELD(form, Phdr, p_memsz)),
        .align = load_word(form, from + FIELD(form, Phdr, p_align)),
    };
}

void program_header_write(struct elf_form form, unsigned char *to,
                          const struct program_header *header)
{
    store32(form.order, to + FIELD(form, Phdr, p_type), header->type);
    store32(form.order, to + FIELD(form, Phdr, p_flags), header->flags);
    store_word(form, to + FIELD(form, Phdr, p_offset), header->offset);
    store_word(form, to + FIELD(form, Phdr, p_vaddr), header->address);
    store_word(form, to + FIELD(form, Phdr, p_paddr), header->physical);
    store_word(form, to + FIELD(form, Phdr, p_filesz), header->file_size);
    store_word(form, to + FIELD(form, Phdr, p_memsz), header->memory_size);
    store_word(form, to + FIELD(form, Phdr, p_align), header->align);
}

uint64_t elf_table_offset(struct elf_form form, const unsigned char *header)
{
    return load_word(form, header + FIELD(form, Ehdr, e_phoff));
}

uint16_t elf_table_count(struct elf_form form, const unsigned char *header)
{
    return load16(form.order, header + FIELD(form, Ehdr, e_phnum));
}

void elf_table_set(struct elf_form form, unsigned char *header, uint64_t offset, uint16_t count)
{
    store_word(form, header + FIELD(form, Ehdr, e_phoff), offset);
    store16(form.order, header + FIELD(form, Ehdr, e_phnum), count);
}

uint64_t elf_sections_offset(struct elf_form form, const unsigned char *header)
{
    return load_word(form, header + FIELD(form, Ehdr, e_shoff));
}

uint64_t elf_sections_size(struct elf_form form, const unsigned char *header)
{
    size_t entry = section_header_size(form);
    if (load16(form.order, header + FIELD(form, Ehdr, e_shentsize)) != entry)
        return 0;
    return entry * load16(form.order, header + FIELD(form, Ehdr, e_shnum));
}

void section_extent(struct elf_form form, const unsigned char *from, uint64_t *offset,
                    uint64_t *size)
{
    uint32_t type = load32(form.order, from + FIELD(form, Shdr, sh_type));
    *offset = load_word(form, from + FIELD(form, Shdr, sh_offset));
    *size = type == SHT_NOBITS || type == SHT_NULL
                ? 0
                : load_word(form, from + FIELD(form, Shdr, sh_size));
}
