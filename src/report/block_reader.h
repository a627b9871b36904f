/*
 * A look at single blocks of an image: link targets, the first bytes of a file, or one block after
 * another.
 */
#ifndef CRAMFS_REPORT_BLOCK_READER_H
#define CRAMFS_REPORT_BLOCK_READER_H

#include "cramfs/view.h"

struct peek {
    struct cramfs_inflater *inflater;
    unsigned char page[CRAMFS_MAX_PAGE_SIZE]; /* what was read last */
};

/* NULL when memory runs out. */
struct peek *peek_create(void);
void peek_free(struct peek *peek);

/*
 * Reads a block of a table into peek->page, as read(2) gives it; its file_bytes in *length. Returns
 * 0, -CRAMFS_ERR_FORMAT or -CRAMFS_ERR_MEMORY.
 */
int peek_block(struct peek *peek, const struct cramfs_image *image,
               const struct cramfs_table *table, uint32_t index, uint32_t *length);

/*
 * The first block of an entry: all of a link's target, which the kernel reads as one page. Returns
 * as above, and -CRAMFS_ERR_FORMAT for what has no blocks.
 */
int peek_first(struct peek *peek, const struct cramfs_view *view, uint32_t entry, uint32_t *length);

#endif
