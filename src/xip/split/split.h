/*
 * Cutting: makes an ELF file whose read-only segments consist of several PT_LOADs each.
 *
 * A kernel maps only the beginning of a mapping directly, and makes one mapping of each PT_LOAD. A
 * segment that is cut at page boundaries has several beginnings. The program does not notice: every
 * byte that a PT_LOAD of the old file maps has the same address in the new one. In the file,
 * e_phoff and e_phnum change, PT_PHDR changes, and the table of program headers is in a new place.
 *
 * The longer table goes
 *
 *  - into the zeroes between the end of a read-only segment and the end of its last page (the
 *    slack), where no other part of the file is; that segment grows over it:
 *
 *        | segment ........ | table | 0 |      the same page, the same offsets
 *
 *  - or else after all segments, with a read-only PT_LOAD of its own, which begins a page. Its
 *    address has a fixed distance from its offset (see below). The offset is so large that the
 *    address is after the memory of all segments. The bytes between the old file and the table read
 *    as zeroes, and are a hole in an image:
 *
 *        | old file | 0 ........ 0 | table |   offset + distance = address after all memory
 *
 *    A dynamic loader cannot have this form: until Linux 6.7, load_elf_interp() zeroes memory from
 *    the highest end of all segments.
 *
 * In both forms the difference of address and offset is that of the first PT_LOAD: the kernel's
 * AT_PHDR before Linux 5.18, and the loaders of glibc and musl, compute the table's address as load
 * address plus e_phoff.
 *
 * All functions here are pure functions of the file's bytes, which are untrusted.
 */
#ifndef CRAMFS_XIP_SPLIT_SPLIT_H
#define CRAMFS_XIP_SPLIT_SPLIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "xip/split/refusal.h"

/* How often a file can be cut. */
struct split_limits {
    enum split_refusal refusal;
    uint32_t most_cuts; /* in total; at least 1 when the file can be cut */
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
    bool appended;  /* the table is after the file, with a PT_LOAD of its own */
    uint32_t added; /* how many more PT_LOADs, and so mappings, there are */
    struct split_patch header;
    struct split_patch table;
};

/*
 * Cuts the file at the pages that `cuts` lists (page numbers in the file, ascending): each becomes
 * the first page of a PT_LOAD. Cuts that are in no read-only segment, or at its beginning, are
 * ignored. split_look() must have found that the file can be cut that often. Returns 0,
 * -CRAMFS_ERR_MEMORY, or -CRAMFS_ERR_INTERNAL when it cannot. Free with split_free() after 0.
 */
int split_cut(const void *bytes, size_t size, uint32_t page_size, const uint32_t *cuts,
              size_t count, struct split_file *file);
void split_free(struct split_file *file);

/* Copies the cut file to `to`, which has room for file->size bytes. */
void split_apply(const struct split_file *file, const void *bytes, size_t size, void *to);

#endif
