/*
 * The part of a bFLT file that its loader maps: bFLT is the executable format of machines without
 * an MMU.
 *
 * The header is 64 bytes, in big endian on every machine. Text begins with the header itself, at
 * offset 0, and ends where data begin. A kernel without MMU maps text from the file, and reads data
 * into RAM after it. The reader accepts what load_flat_file() of Linux 6.12 accepts without
 * CONFIG_BINFMT_FLAT_OLD: version 4.
 */
#ifndef CRAMFS_FLAT_H
#define CRAMFS_FLAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cramfs/declarations.h"

CRAMFS_BEGIN_DECLARATIONS

#define CRAMFS_FLAT_HEADER_SIZE 64u

enum cramfs_flat_kind {
    CRAMFS_FLAT_NONE,      /* not bFLT at all */
    CRAMFS_FLAT_MALFORMED, /* a header that contradicts the file; the kernel would not run it */
    CRAMFS_FLAT_COPIED,    /* its flags ask for RAM (bit 0), or its text is compressed (bit 2) */
    CRAMFS_FLAT_MAPPED,
};

struct cramfs_flat {
    enum cramfs_flat_kind kind;
    uint32_t text_end; /* the loader maps [0, text_end) of the file */
    const char *fault; /* with MALFORMED: a static phrase */
};

/* Reads the header of the file in `bytes`, which are untrusted. */
void cramfs_flat_read(const void *bytes, size_t size, struct cramfs_flat *flat);

CRAMFS_END_DECLARATIONS

#endif
