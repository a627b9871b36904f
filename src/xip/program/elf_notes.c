/* The build id among the notes of an ELF file. */
#include <gelf.h>
#include <libelf.h>
#include <stdio.h>
#include <string.h>

#include "cramfs/elf.h"

static bool is_build_id(const Elf_Data *data, const GElf_Nhdr *note, size_t name)
{
    return note->n_type == NT_GNU_BUILD_ID && note->n_namesz == sizeof(ELF_NOTE_GNU) &&
           memcmp((const char *)data->d_buf + name, ELF_NOTE_GNU, sizeof(ELF_NOTE_GNU)) == 0;
}

static bool print_digits(const unsigned char *bytes, size_t length, char *to, size_t to_size)
{
    if (2 * length >= to_size)
        return false;
    for (size_t i = 0; i < length; i++)
        sprintf(to + 2 * i, "%02x", bytes[i]);
    to[2 * length] = '\0';
    return length > 0;
}

static bool find_in_notes(Elf_Data *data, char *to, size_t to_size)
{
    GElf_Nhdr note;
    size_t name;
    size_t description;
    size_t at = 0;
    while (data && (at = gelf_getnote(data, at, &note, &name, &description)) > 0) {
        if (is_build_id(data, &note, name))
            return print_digits((const unsigned char *)data->d_buf + description, note.n_descsz, to,
                                to_size);
    }
    return false;
}

static bool find_in_file(Elf *file, size_t size, char *to, size_t to_size)
{
    size_t count;
    bool found = false;
    if (elf_kind(file) != ELF_K_ELF || elf_getphdrnum(file, &count) != 0)
        return false;
    for (size_t i = 0; !found && i < count; i++) {
        GElf_Phdr header;
        if (!gelf_getphdr(file, (int)i, &header) || header.p_type != PT_NOTE ||
            header.p_offset > size || header.p_filesz > size - header.p_offset)
            continue;
        Elf_Type form = header.p_align == 8 ? ELF_T_NHDR8 : ELF_T_NHDR;
        found = find_in_notes(
            elf_getdata_rawchunk(file, (int64_t)header.p_offset, (size_t)header.p_filesz, form), to,
            to_size);
    }
    return found;
}

bool cramfs_elf_build_id(const void *bytes, size_t size, char *to, size_t to_size)
{
    if (size < SELFMAG || memcmp(bytes, ELFMAG, SELFMAG) != 0)
        return false;
    elf_version(EV_CURRENT);
    Elf *file = elf_memory((char *)(uintptr_t)bytes, size);
    bool found = file && find_in_file(file, size, to, to_size);
    elf_end(file);
    return found;
}
