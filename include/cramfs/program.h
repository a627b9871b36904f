/*
 * The mappings that a kernel makes of a program file: ELF or bFLT, by its loader.
 *
 * Kernels with an MMU map the segments of ELF files (fs/binfmt_elf.c; ld.so does the same for
 * libraries) and copy bFLT to RAM. A kernel without MMU maps bFLT text (fs/binfmt_flat.c) and the
 * segments of FDPIC ELF, each by itself (fs/binfmt_elf_fdpic.c). Any other ELF is read into RAM
 * there, also FDPIC whose segments keep their distances. With an MMU, the FDPIC loader
 * (CRAMFS_KERNEL_FDPIC) maps the segments of FDPIC; where they keep their distances, the kernel may
 * merge one with its neighbour.
 */
#ifndef CRAMFS_PROGRAM_H
#define CRAMFS_PROGRAM_H

#include "cramfs/declarations.h"
#include "cramfs/elf.h"
#include "cramfs/mapping.h"

CRAMFS_BEGIN_DECLARATIONS

enum cramfs_program_kind {
    CRAMFS_PROGRAM_NONE,      /* neither ELF nor bFLT: data, a script */
    CRAMFS_PROGRAM_OTHER,     /* ELF that no loader takes: ET_REL (kernel modules), ET_CORE */
    CRAMFS_PROGRAM_MALFORMED, /* see `fault` */
    CRAMFS_PROGRAM_COPIED,    /* runs, from a copy in RAM that its loader makes */
    CRAMFS_PROGRAM_MAPPED,
};

/* "none", "other", "malformed", "copied", "mapped". */
const char *cramfs_program_kind_name(enum cramfs_program_kind kind);

struct cramfs_program {
    enum cramfs_program_kind kind;
    const char *fault;               /* with MALFORMED: a static phrase */
    struct cramfs_mapping *mappings; /* with MAPPED, in the order of the file */
    size_t mappings_count;
    bool narrow; /* of 32 bits, if the format shows it: ELF */
};

/* Whether a file that begins with these `size` bytes (4 are enough) may be a program. */
bool cramfs_program_begins(const void *bytes, size_t size);

/*
 * Reads the headers of the file in `bytes`, which are untrusted. Returns 0 and a kind, or
 * -CRAMFS_ERR_MEMORY. Free with cramfs_program_free() after 0.
 */
int cramfs_program_read(const void *bytes, size_t size, enum cramfs_kernel kernel,
                        uint32_t page_size, struct cramfs_program *program);
void cramfs_program_free(struct cramfs_program *program);

/*
 * The mappings that the ELF loader of an MMU kernel asks for, segment by segment: elf_load() and
 * elf_map(), and ld.so. The first mapping of a position-independent file spans all its segments;
 * the part after the first segment is unmapped again. Segments without bytes in the file are not
 * mapped from it and not listed. `mappings` has room for elf->segments_count; returns how many
 * there are.
 */
size_t cramfs_elf_mappings(const struct cramfs_elf *elf, uint32_t page_size,
                           struct cramfs_mapping *mappings);

/*
 * The same for the loader of FDPIC ELF: elf_fdpic_map_file_by_direct_mmap(). It asks for each
 * segment with its size in memory.
 */
size_t cramfs_fdpic_mappings(const struct cramfs_elf *elf, uint32_t page_size,
                             struct cramfs_mapping *mappings);

CRAMFS_END_DECLARATIONS

#endif
