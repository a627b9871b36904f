/*
 * Which loader maps an ELF file: that decides what its mappings are merged with.
 */
#ifndef CRAMFS_XIP_PROGRAM_LOADER_H
#define CRAMFS_XIP_PROGRAM_LOADER_H

#include "cramfs/elf.h"
#include "cramfs/mapping.h"

/*
 * The kernel maps programs and dynamic loaders; a dynamic loader maps libraries, which it knows by
 * DT_NEEDED and DT_SONAME as glibc's or another's. A file of which neither says anything counts as
 * a library, since less of that is direct. `elf` is what cramfs_elf_read() made of the bytes.
 * Returns 0 or -CRAMFS_ERR_MEMORY.
 */
int loader_find(const void *bytes, size_t size, const struct cramfs_elf *elf,
                enum cramfs_loader *loader);

/* Whether DT_SONAME is a dynamic loader's, which the kernel maps: glibc's of all machines, musl's.
 */
bool loader_is_named(const char *soname);

#endif
