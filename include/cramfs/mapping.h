/*
 * The kernel's decision, replayed: which pages of a mapping come straight from the image.
 *
 * With an MMU, mainline 4.15 and later: cramfs_physmem_mmap(), cramfs_get_block_range() and
 * cramfs_last_page_is_shared() of fs/cramfs/inode.c, in their order and with their reasons. Within
 * one mapping only a prefix can be direct. But first the kernel's memory management may merge a
 * mapping with its neighbour, and then it does not ask the file system: see
 * cramfs_mappings_predict().
 *
 * Without an MMU: cramfs_physmem_get_unmapped_area(), and do_mmap() of mm/nommu.c around it. A
 * mapping is direct as a whole, at any multiple of 4, or copied to RAM as a whole.
 *
 * The patches of 2017 (version 3 of the series that became mainline), which some vendors' kernels
 * carry, decide as mainline does with two exceptions, both taken from their text. They look for the
 * bytes after the file's end at (number of the file's pages - 1) pages after the mapping's first
 * block. And a partial mapping keeps the page at which it splits in 12 bits.
 *
 * The kernel tests compare the first two with what booted kernels do.
 */
#ifndef CRAMFS_MAPPING_H
#define CRAMFS_MAPPING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cramfs/block.h"
#include "cramfs/declarations.h"
#include "cramfs/elf.h"

CRAMFS_BEGIN_DECLARATIONS

enum cramfs_kernel {
    CRAMFS_KERNEL_MMU,   /* mainline, 4.15 and later */
    CRAMFS_KERNEL_NOMMU, /* the same without CONFIG_MMU */
    CRAMFS_KERNEL_V3,    /* the 2017 series */
    CRAMFS_KERNEL_FDPIC, /* as MMU, with the loader of FDPIC programs (CONFIG_BINFMT_ELF_FDPIC) */
};

/* "mmu", "nommu", "v3", "fdpic", as options name them, ended by a NULL. */
const char *const *cramfs_kernel_names(void);

/* What a program asks mmap() for. */
struct cramfs_mapping {
    int64_t segment;     /* number of the program header; -1 for a mapping of the whole file */
    uint32_t flags;      /* CRAMFS_ELF_READ, _WRITE, _EXECUTE */
    bool impossible;     /* offset and address differ within the page: mmap() refuses */
    uint64_t offset;     /* in the file, bytes */
    uint64_t length;     /* bytes, a multiple of the page */
    uint64_t kept_pages; /* how many of its first pages stay mapped after the file is loaded */
    /* Of a program's mapping with an MMU: */
    uint64_t address; /* of its first page, as the program header has it */
    uint64_t reach;   /* bytes from there to the segment's end in memory, up to a page's end */
    /* The mappings just before and just after it in memory that it continues, see
     * cramfs_mappings_join(): how many places before it in the list each is; 0: none. */
    size_t joins[2];
};

/* The program that maps a position-independent file. */
enum cramfs_loader {
    CRAMFS_LOADER_KERNEL, /* unmaps all after the first mapping's own pages before the next one */
    CRAMFS_LOADER_GLIBC, /* lays the next ones over it; removes all rights from the pages between */
    CRAMFS_LOADER_MUSL,  /* lays the next ones over it; so do others, as far as is known */
};

/*
 * Why a mapping is not direct from its first page to its last. The XIP report uses this closed
 * list, with the kernel's own words where it has any.
 */
enum cramfs_reason {
    CRAMFS_REASON_NONE,            /* the mapping is direct */
    CRAMFS_REASON_NO_ADDRESS,      /* the image has no physical address, or it is 0 */
    CRAMFS_REASON_NO_EXT_POINTERS, /* CRAMFS_FLAG_EXT_BLOCK_POINTERS is not set */
    CRAMFS_REASON_IMPOSSIBLE,      /* see cramfs_mapping.impossible */
    CRAMFS_REASON_WRITABLE,
    CRAMFS_REASON_BEYOND_FILE, /* it starts after the file's last page */
    CRAMFS_REASON_BLOCK_LAYOUT,
    CRAMFS_REASON_NOT_ALIGNED,
    CRAMFS_REASON_NO_BLOCK_REMAINING,
    CRAMFS_REASON_LAST_PAGE_SHARED, /* bytes that are not zero after the file's end */
    CRAMFS_REASON_RUN_BROKEN,       /* a prefix is direct, up to the named block */
    CRAMFS_REASON_FILE_ENDS,     /* every page of the file is direct, and the mapping is longer */
    CRAMFS_REASON_REFUSED,       /* without MMU: it is not within the file, and mmap() fails */
    CRAMFS_REASON_COPIED,        /* without MMU: the named block is not in the run */
    CRAMFS_REASON_MERGED_BEFORE, /* see cramfs_mappings_predict() */
    CRAMFS_REASON_MERGED_AFTER,
    CRAMFS_REASON_SPLIT, /* of the 2017 series: the place of the split does not fit into 12 bits */
};

struct cramfs_prediction {
    uint64_t pages; /* of the mapping */
    uint64_t direct_pages;
    enum cramfs_reason reason;
    uint32_t block; /* with RUN_BROKEN and COPIED: the first block that is not in the run */
};

/* Where the image will be: all that matters besides the pointers. */
struct cramfs_placement {
    bool extended;    /* the superblock's CRAMFS_FLAG_EXT_BLOCK_POINTERS */
    uint64_t address; /* physical, of byte 0 of the image; 0 when there is none */
    enum cramfs_kernel kernel;
};

/* A read-only mapping of a whole file of `size` bytes (more than 0). */
struct cramfs_mapping cramfs_mapping_whole(uint64_t size, uint32_t page_size);

/*
 * Predicts what the kernel does with one mmap() of a file: how many pages of the mapping, from its
 * first on, come directly from the image, and why the rest do not. The builder proves its plan with
 * this function, and the XIP report prints its results.
 *
 * `table` is the file's pointer table (cramfs_image_table()), whose reader bounds every access; the
 * mapping's offset and length are multiples of the table's page size. `prediction` is filled in
 * completely. The work is one look at each page of the mapping up to the first that is not direct.
 * It cannot fail: a table that cannot be followed gives CRAMFS_REASON_BLOCK_LAYOUT.
 */
void cramfs_mapping_predict(const struct cramfs_table *table,
                            const struct cramfs_placement *placement,
                            const struct cramfs_mapping *mapping,
                            struct cramfs_prediction *prediction);

/*
 * Finds which mappings of one program file continue another one: same flags, next address, next
 * page of the file. `mappings` are all that the loader makes, in its order; sets `joins` of each.
 * When a loader leaves the first mapping with its whole length, a later one can continue the rest
 * of it, at its beginning or at its end.
 */
void cramfs_mappings_join(struct cramfs_mapping *mappings, size_t count, uint32_t page_size,
                          enum cramfs_loader loader);

/*
 * Predicts all mappings of one program file, in the order in which its loader makes them, with
 * their `joins`. A mapping that continues one without a direct page is merged into it by the
 * kernel's memory management (vma_merge()), which does not ask the file system: none of its pages
 * is direct. A mapping with a direct page has VM_MIXEDMAP or VM_PFNMAP, which the new one lacks,
 * so nothing is merged with it. `predictions` has room for `count`.
 */
void cramfs_mappings_predict(const struct cramfs_table *table,
                             const struct cramfs_placement *placement,
                             const struct cramfs_mapping *mappings, size_t count,
                             struct cramfs_prediction *predictions);

/*
 * Whether anything but zeroes follows the end of a file in its last page, which is at `page` in the
 * image: then the kernel does not map that page. The end of the file system does not matter: the
 * kernel looks at the bytes in the flash. Bytes after the end of the image's file are unknown, and
 * count as not zero, as in erased flash. False for a file of whole pages.
 */
bool cramfs_last_page_shared(const struct cramfs_table *table, uint64_t page);

/*
 * The reason as a phrase; NULL for NONE. The phrases of RUN_BROKEN and COPIED name the block, so
 * they are written to the caller's buffer (64 bytes are enough).
 */
const char *cramfs_reason_text(const struct cramfs_prediction *prediction, char *buffer,
                               size_t size);

CRAMFS_END_DECLARATIONS

#endif
