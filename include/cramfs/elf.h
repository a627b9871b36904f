/*
 * The parts of an ELF file that its loader maps.
 *
 * Only the PT_LOAD program headers count; sections are never looked at. The reader accepts what
 * load_elf_phdrs() and load_elf_binary() of Linux 6.12 accept: 32- and 64-bit files of either byte
 * order and any machine, since the image may be for a machine that this host knows nothing about.
 * FDPIC is what elf_check_fdpic() takes for it: OSABI 65 on ARM and Xtensa, bit 15 of e_flags on
 * SuperH. Its segments keep their distances when e_flags has EF_ARM_PIC (0x20) or EF_SH_PIC
 * (0x100).
 */
#ifndef CRAMFS_ELF_H
#define CRAMFS_ELF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cramfs/declarations.h"

CRAMFS_BEGIN_DECLARATIONS

/* User space ends at or below this address on every kernel. */
#define CRAMFS_ELF_MOST_ADDRESS ((uint64_t)1 << 56)

enum cramfs_elf_kind {
    CRAMFS_ELF_NONE,      /* not ELF at all */
    CRAMFS_ELF_OTHER,     /* ELF that no loader maps: ET_REL (kernel modules), ET_CORE */
    CRAMFS_ELF_MALFORMED, /* headers that contradict the file; the kernel would not run it */
    CRAMFS_ELF_LOADABLE,  /* ET_EXEC or ET_DYN with at least one PT_LOAD */
};

/* As in the program header's p_flags. */
#define CRAMFS_ELF_EXECUTE 1u
#define CRAMFS_ELF_WRITE   2u
#define CRAMFS_ELF_READ    4u

/* One PT_LOAD. All in bytes. */
struct cramfs_elf_segment {
    uint32_t number; /* among all program headers of the file */
    uint32_t flags;
    uint64_t offset;
    uint64_t address; /* p_vaddr */
    uint64_t file_size;
    uint64_t memory_size;
};

struct cramfs_elf {
    enum cramfs_elf_kind kind;
    bool narrow;                         /* of 32 bits */
    bool position_independent;           /* ET_DYN: programs, libraries, interpreters */
    bool fdpic;                          /* its loader maps each segment by itself */
    bool constant_displacement;          /* FDPIC whose segments keep their distances */
    struct cramfs_elf_segment *segments; /* in the order of the file; only with LOADABLE */
    size_t segments_count;
    const char *fault; /* with MALFORMED: a static phrase, "the program headers lie ..." */
};

/*
 * Reads the headers of the file in `bytes`, which are untrusted. Returns 0 and a kind, also for
 * files that are not ELF, or -CRAMFS_ERR_MEMORY. Free with cramfs_elf_free() after 0.
 */
int cramfs_elf_read(const void *bytes, size_t size, struct cramfs_elf *elf);
void cramfs_elf_free(struct cramfs_elf *elf);

/*
 * The GNU build id (PT_NOTE, type NT_GNU_BUILD_ID) as hexadecimal digits with a NUL after them.
 * Returns false when the file has none, or when it does not fit into `to_size` bytes.
 */
bool cramfs_elf_build_id(const void *bytes, size_t size, char *to, size_t to_size);

CRAMFS_END_DECLARATIONS

#endif
