/*
 * Reads single blocks of an image: link targets, the first bytes of a file, or one block after
 * another.
 */
#ifndef CRAMFS_REPORT_BLOCK_READER_H
#define CRAMFS_REPORT_BLOCK_READER_H

#include "cramfs/view.h"

struct block_reader {
    struct cramfs_inflater *inflater;
    unsigned char page[CRAMFS_MAX_PAGE_SIZE]; /* the block that was read last */
};

/* NULL when memory runs out. */
struct block_reader *block_reader_create(void);
void block_reader_free(struct block_reader *reader);

/*
 * Reads a block of a table into reader->page, as read(2) gives it; its file_bytes in *length.
 * Returns 0, -CRAMFS_ERR_FORMAT or -CRAMFS_ERR_MEMORY.
 */
int block_reader_block(struct block_reader *reader, const struct cramfs_image *image,
                       const struct cramfs_table *table, uint32_t index, uint32_t *length);

/*
 * The first block of an entry: all of a link's target, which the kernel reads as one page. Returns
 * as above, and -CRAMFS_ERR_FORMAT for an entry without blocks.
 */
int block_reader_first(struct block_reader *reader, const struct cramfs_view *view, uint32_t entry,
                       uint32_t *length);

/*
 * Whether an entry is a file that begins as a program does. If so, its first block is in
 * reader->page, with *length bytes.
 */
bool block_reader_program(struct block_reader *reader, const struct cramfs_view *view,
                          uint32_t entry, uint32_t *length);

#endif
