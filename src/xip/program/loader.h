/*
 * The loader that maps an ELF file. It decides with which neighbours the kernel merges the file's
 * mappings.
 */
#ifndef CRAMFS_XIP_PROGRAM_LOADER_H
#define CRAMFS_XIP_PROGRAM_LOADER_H

#include "cramfs/elf.h"
#include "cramfs/mapping.h"

/*
 * The kernel maps programs and dynamic loaders. A dynamic loader maps libraries; DT_NEEDED and
 * DT_SONAME show whether it is glibc's or another. A file with a DT_SONAME counts as a library,
 * unless it is that of a dynamic loader. A dynamic file without DT_SONAME counts as a program if it
 * has PT_INTERP or DF_1_PIE; otherwise it counts as a library, since a library has fewer direct
 * pages than a program. `elf` is the result of cramfs_elf_read(). Returns 0 or -CRAMFS_ERR_MEMORY.
 */
int loader_find(const void *bytes, size_t size, const struct cramfs_elf *elf,
                enum cramfs_loader *loader);

/* Whether DT_SONAME is that of a dynamic loader, which the kernel maps: glibc's on any machine,
 * musl's. */
bool loader_is_named(const char *soname);

#endif
