/*
 * Block pointers: where block i of a file is, how long it is, and of what kind.
 *
 * A file (or symbolic link) has ceil(size / page) pointers of 32 bits. One function,
 * cramfs_block_locate(), says what a pointer means; builder, checker, dumper and extractor all use
 * it. It decides as cramfs_read_folio() of Linux 6.12 does:
 *
 *  - plain (bit 30 clear): the low 30 bits are the END of the block. It starts where the block
 *    before it ended; the first starts right after the pointer table.
 *  - direct (bit 30 set): the low 30 bits, times 4, are the START. A deflated block begins there
 *    with a 16-bit length; a stored one is a whole page, or `size % page` if it is the last block.
 *  - bit 31: the bytes are stored as they are, otherwise they are a zlib stream (RFC 1950).
 *  - a block of no bytes is a hole, and reads as zeroes.
 *
 * Bits 30 and 31 have a meaning only under CRAMFS_FLAG_EXT_BLOCK_POINTERS. The kernel looks at the
 * flag only when it maps, not when it reads, and this function does the same.
 */
#ifndef CRAMFS_BLOCK_H
#define CRAMFS_BLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cramfs/declarations.h"
#include "cramfs/format.h"

CRAMFS_BEGIN_DECLARATIONS

#define CRAMFS_POINTER_STORED 0x80000000u
#define CRAMFS_POINTER_DIRECT 0x40000000u
#define CRAMFS_POINTER_VALUE  0x3fffffffu

#define CRAMFS_POINTER_SIZE  4u
#define CRAMFS_DIRECT_ALIGN  4u                   /* direct pointers count in these units */
#define CRAMFS_DIRECT_PREFIX 2u                   /* the length before a direct deflated block */
#define CRAMFS_MAX_PLAIN_END CRAMFS_POINTER_VALUE /* where the last plain block may end */

/* Random access to the bytes of an image, finished or planned. */
struct cramfs_reader {
    uint64_t size;
    /* Copies exactly `length` bytes at `offset`; the caller stays within both sizes. */
    void (*read)(const struct cramfs_reader *reader, uint64_t offset, void *to, size_t length);
    /*
     * How many bytes can be read, those after the end of the file system included: a page in place
     * can reach into them. 0: only `size`, and it is unknown what follows.
     */
    uint64_t known_size;
};

/* The pointer table of one file. */
struct cramfs_table {
    const struct cramfs_reader *reader;
    enum cramfs_order order;
    uint32_t page_size;
    uint32_t offset; /* of the first pointer */
    uint32_t size;   /* of the file, bytes */
    bool unaligned;  /* for a kernel without an MMU, which maps from any multiple of 4 bytes */
};

enum cramfs_block_kind {
    CRAMFS_BLOCK_HOLE,
    CRAMFS_BLOCK_DEFLATED,
    CRAMFS_BLOCK_STORED,
};

/* What is wrong with a pointer: the kernel fails with an I/O error, or reads the wrong bytes. */
enum cramfs_block_fault {
    CRAMFS_BLOCK_SOUND,
    CRAMFS_BLOCK_TABLE_OUTSIDE,  /* the pointer itself is after the end of the image */
    CRAMFS_BLOCK_PREFIX_OUTSIDE, /* the 16-bit length is */
    CRAMFS_BLOCK_BACKWARDS,      /* a plain block ends before it starts */
    CRAMFS_BLOCK_WRAPS,          /* a plain block starts at 1 GiB or later */
    CRAMFS_BLOCK_TOO_LONG,       /* over two pages deflated, over one stored */
    CRAMFS_BLOCK_OUTSIDE,        /* the bytes are after the end of the image */
};

struct cramfs_block {
    uint32_t pointer; /* as on disk, in host order */
    enum cramfs_block_fault fault;
    enum cramfs_block_kind kind;
    bool direct;
    bool prefixed;       /* a 16-bit length comes before `offset` */
    uint64_t offset;     /* of the first byte of data */
    uint64_t length;     /* bytes of data in the image; with a fault, what the pointer claims */
    uint32_t file_bytes; /* bytes of the file in this block: a page, less for the last block */
};

/* How many blocks a file of `size` bytes has. */
uint32_t cramfs_block_count(uint64_t size, uint32_t page_size);

/*
 * The pointer of block `index`, in host order. Returns false when it is after the end of the image.
 */
bool cramfs_block_pointer(const struct cramfs_table *table, uint32_t index, uint32_t *pointer);

/*
 * Finds where block `index` (below the block count) is. With a fault, `offset` and `length` are
 * what the pointer claims and must not be read. Constant time: reads at most two pointers and one
 * length.
 */
void cramfs_block_locate(const struct cramfs_table *table, uint32_t index,
                         struct cramfs_block *block);

/*
 * Whether the kernel could map the block as a page: it is direct and stored, and its offset in the
 * image is a multiple of the page. An `unaligned` table needs no multiple of the page.
 */
bool cramfs_block_in_place(const struct cramfs_table *table, const struct cramfs_block *block);

/*
 * Whether mmap(2) shows the last page and read(2) gives zeroes for it. That is so when the page is
 * direct and stored, in a file of whole pages: the kernel reads size % page = 0 bytes of it.
 */
bool cramfs_block_loses_tail(const struct cramfs_table *table, uint32_t index,
                             const struct cramfs_block *block);

/* "deflated", "stored", "hole". */
const char *cramfs_block_kind_name(enum cramfs_block_kind kind);

CRAMFS_END_DECLARATIONS

#endif
