/*
 * The kernel's decision, replayed: which pages of a mapping come straight from the image.
 *
 * The model of an MMU kernel, mainline 4.15 and later: cramfs_physmem_mmap(),
 * cramfs_get_block_range() and cramfs_last_page_is_shared() of fs/cramfs/inode.c, in their order
 * and with their reasons. Within one mapping only a prefix can be direct. The kernel tests hold
 * this against what a booted kernel does.
 */
#ifndef CRAMFS_MAPPING_H
#define CRAMFS_MAPPING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cramfs/block.h"
#include "cramfs/elf.h"

/* What mmap() is asked for. */
struct cramfs_mapping {
    int64_t segment;     /* number of the program header; -1 for a mapping of the whole file */
    uint32_t flags;      /* CRAMFS_ELF_READ, _WRITE, _EXECUTE */
    bool impossible;     /* offset and address differ within the page: mmap() refuses */
    uint64_t offset;     /* in the file, bytes */
    uint64_t length;     /* bytes, a multiple of the page */
    uint64_t kept_pages; /* how many of its first pages stay mapped once the file is loaded */
};

/*
 * Why a mapping is not direct from its first page to its last. The closed list that the XIP report
 * quotes; the kernel's own words where it has any.
 */
enum cramfs_reason {
    CRAMFS_REASON_NONE,            /* it is */
    CRAMFS_REASON_NO_ADDRESS,      /* the image has no physical address, or it is 0 */
    CRAMFS_REASON_NO_EXT_POINTERS, /* CRAMFS_FLAG_EXT_BLOCK_POINTERS is not set */
    CRAMFS_REASON_IMPOSSIBLE,      /* see cramfs_mapping.impossible */
    CRAMFS_REASON_WRITABLE,
    CRAMFS_REASON_BEYOND_FILE, /* it starts behind the file's last page */
    CRAMFS_REASON_BLOCK_LAYOUT,
    CRAMFS_REASON_NOT_ALIGNED,
    CRAMFS_REASON_NO_BLOCK_REMAINING,
    CRAMFS_REASON_LAST_PAGE_SHARED, /* bytes that are not zero behind the file's end */
    CRAMFS_REASON_RUN_BROKEN,       /* a prefix is direct, up to the block that is named */
    CRAMFS_REASON_FILE_ENDS, /* every page of the file is direct, and the mapping is longer */
};

struct cramfs_prediction {
    uint64_t pages; /* of the mapping */
    uint64_t direct_pages;
    enum cramfs_reason reason;
    uint32_t block; /* with RUN_BROKEN: the first block that is not in the run */
};

/* Where the image will be: what decides beside the pointers. */
struct cramfs_placement {
    bool extended;    /* the superblock's CRAMFS_FLAG_EXT_BLOCK_POINTERS */
    uint64_t address; /* physical, of byte 0 of the image; 0 when there is none */
};

/* A read-only mapping of a whole file of `size` bytes (more than 0). */
struct cramfs_mapping cramfs_mapping_whole(uint64_t size, uint32_t page_size);

/*
 * What the ELF loader asks for, segment by segment, in the order of the file: elf_load() and
 * elf_map() of fs/binfmt_elf.c, and ld.so, which does the same. The first mapping of a position-
 * independent file spans all its segments; what lies behind the first one is unmapped again.
 * Segments without bytes in the file are not mapped from it and not listed. `mappings` has room for
 * elf->segments_count; returns how many there are.
 */
size_t cramfs_elf_mappings(const struct cramfs_elf *elf, uint32_t page_size,
                           struct cramfs_mapping *mappings);

void cramfs_mapping_predict(const struct cramfs_table *table,
                            const struct cramfs_placement *placement,
                            const struct cramfs_mapping *mapping,
                            struct cramfs_prediction *prediction);

/*
 * The reason as a phrase; NULL for NONE. RUN_BROKEN's names the block, which is why it is written
 * to the caller's buffer (64 bytes are enough).
 */
const char *cramfs_reason_text(const struct cramfs_prediction *prediction, char *buffer,
                               size_t size);

#endif
