/*
 * Cutting: an ELF file whose read-only segments are several PT_LOADs each.
 *
 * A kernel maps only the beginning of a mapping directly, and makes one mapping of each PT_LOAD. A
 * segment that is cut in several, at page boundaries, has as many beginnings. Nothing else changes:
 * every byte that a PT_LOAD of the old file maps has the same address in the new one. What changes
 * are e_phoff and e_phnum, the table of program headers in its new place, and PT_PHDR.
 *
 * The longer table goes
 *
 *  - into the zeroes between the end of a read-only segment and the end of its last page (the
 *    slack), where no other part of the file is; that segment grows over it;
 *  - or else behind all segments, with a read-only PT_LOAD of its own, at the page-aligned offset
 *    where that lies behind all memory of the file, too: what is in between reads as zeroes and is
 *    a hole in an image. Not in a dynamic loader: until Linux 6.7, load_elf_interp() zeroes memory
 *    from the highest end of all segments.
 *
 * In both forms the difference of address and offset is that of the first PT_LOAD: AT_PHDR before
 * Linux 5.18, and the loaders of glibc and musl, take the load address plus e_phoff for the
 * table's.
 *
 * All here is a pure function of the file's bytes, which are hostile.
 */
#ifndef CRAMFS_XIP_SPLIT_SPLIT_H
#define CRAMFS_XIP_SPLIT_SPLIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "xip/split/refusal.h"

/* What a file allows. */
struct split_limits {
    enum split_refusal refusal;
    uint32_t most_cuts; /* in all; at least 1 when it is possible */
};

/*
 * Whether the file can be cut, for a kernel with that page size. Returns 0 or -CRAMFS_ERR_MEMORY.
 */
int split_look(const void *bytes, size_t size, uint32_t page_size, struct split_limits *limits);

/* Bytes that replace those of the file at `offset`, or follow its end. */
struct split_patch {
    uint64_t offset;
    size_t length;
    unsigned char *bytes;
};

/* A cut file: the old one, zeroes up to `size`, and the patches over it. */
struct split_file {
    uint64_t size;
    bool appended;  /* the table's form: a PT_LOAD of its own, behind the file */
    uint32_t added; /* how many PT_LOADs, and so mappings, there are more */
    struct split_patch header;
    struct split_patch table;
};

/*
 * Cuts the file at the pages that `cuts` lists (page numbers in the file, ascending): each becomes
 * the first page of a PT_LOAD. Cuts that lie in no read-only segment, or at its beginning, are
 * passed over. The file must be one that split_look() finds possible, with no more cuts than that
 * allows. Returns 0, -CRAMFS_ERR_MEMORY, or -CRAMFS_ERR_INTERNAL when it is not. Free with
 * split_free() after 0.
 */
int split_cut(const void *bytes, size_t size, uint32_t page_size, const uint32_t *cuts,
              size_t count, struct split_file *file);
void split_free(struct split_file *file);

/* Copies the cut file to `to`, which has room for file->size bytes. */
void split_apply(const struct split_file *file, const void *bytes, size_t size, void *to);

#endif
