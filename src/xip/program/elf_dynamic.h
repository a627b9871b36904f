/*
 * What the dynamic loader reads in an ELF file: which other files it needs, and where to look for
 * them.
 *
 * Everything is found through program headers, PT_INTERP and PT_DYNAMIC, since a stripped file may
 * have no sections. The addresses in DT_STRTAB and others are those of the file as it was linked.
 */
#ifndef CRAMFS_XIP_PROGRAM_ELF_DYNAMIC_H
#define CRAMFS_XIP_PROGRAM_ELF_DYNAMIC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The most DT_NEEDED that are read in one file: far more than any program has. */
enum { ELF_MOST_NEEDED = 1024 };

/* A loader takes only libraries for its own machine. */
struct elf_machine {
    unsigned char class; /* ELFCLASS32, ELFCLASS64; 0: not a file that a loader takes */
    unsigned char order; /* ELFDATA2LSB, ELFDATA2MSB */
    uint16_t number;     /* e_machine */
};

/* Strings are in the file's bytes, and end there. */
struct elf_dynamic {
    struct elf_machine machine;
    const char *interpreter;   /* NULL for none */
    bool is_dynamic;           /* it has a PT_DYNAMIC; a dynamic loader takes no file without one */
    bool is_program;           /* DF_1_PIE */
    bool has_text_relocations; /* DT_TEXTREL, DF_TEXTREL: the loader writes to read-only segments */
    const char *soname;        /* DT_SONAME; NULL for none */
    const char *run_path;      /* DT_RUNPATH, or else DT_RPATH; NULL for none */
    bool is_rpath;             /* run_path is DT_RPATH */
    bool is_runpath;           /* run_path is DT_RUNPATH */
    const char **needed;       /* in order */
    size_t needed_count;
    const char *fault; /* why the rest is unknown: a static phrase; usually NULL */
};

/*
 * Reads a file, whose bytes are untrusted. Returns 0 (also for a file that is not ELF; its class is
 * 0) or -CRAMFS_ERR_MEMORY. Free with elf_dynamic_free() after 0.
 */
int elf_dynamic_read(const void *bytes, size_t size, struct elf_dynamic *dynamic);
void elf_dynamic_free(struct elf_dynamic *dynamic);

#endif
