#include <stdlib.h>
#include <string.h>

#include "cramfs/image.h"

struct cramfs_table cramfs_image_table(const struct cramfs_image *image,
                                       const struct cramfs_inode *inode)
{
    return (struct cramfs_table){
        .reader = &image->reader,
        .order = image->order,
        .page_size = image->page_size,
        .offset = inode->offset,
        .size = inode->size,
        .unaligned = image->unaligned,
    };
}

/*
 * Inflates into `to`, which has room for file_bytes. The kernel allows a stream a whole page, also
 * in the last block, and ignores bytes after the file's end; such a stream is inflated into a page
 * of its own.
 */
static int inflate_block(const struct cramfs_image *image, const struct cramfs_block *block,
                         const unsigned char *from, struct cramfs_inflater *inflater,
                         unsigned char *to, struct cramfs_block_detail *detail)
{
    size_t used = 0;
    size_t written = 0;
    int error = cramfs_inflate(inflater, from, (size_t)block->length, to, block->file_bytes, &used,
                               &written);
    if (error == -CRAMFS_ERR_LIMIT && block->file_bytes < image->page_size) {
        unsigned char *page = malloc(image->page_size);
        if (!page)
            return -CRAMFS_ERR_MEMORY;
        error = cramfs_inflate(inflater, from, (size_t)block->length, page, image->page_size, &used,
                               &written);
        if (!error)
            memcpy(to, page, block->file_bytes);
        free(page);
    }
    detail->over_page = error == -CRAMFS_ERR_LIMIT;
    if (error)
        return -CRAMFS_ERR_FORMAT;
    if (written < block->file_bytes)
        memset(to + written, 0, block->file_bytes - written);
    detail->used = (uint32_t)used;
    detail->written = (uint32_t)written;
    return 0;
}

int cramfs_image_read_block(const struct cramfs_image *image, const struct cramfs_block *block,
                            struct cramfs_inflater *inflater, unsigned char *to,
                            struct cramfs_block_detail *detail)
{
    struct cramfs_block_detail unwanted;
    if (!detail)
        detail = &unwanted;
    *detail = (struct cramfs_block_detail){0};
    if (block->fault)
        return -CRAMFS_ERR_FORMAT;
    if (block->kind == CRAMFS_BLOCK_HOLE) {
        memset(to, 0, block->file_bytes);
        return 0;
    }
    const unsigned char *from = cramfs_image_bytes(image, block->offset, block->length);
    if (!from)
        return -CRAMFS_ERR_FORMAT;
    if (block->kind == CRAMFS_BLOCK_DEFLATED)
        return inflate_block(image, block, from, inflater, to, detail);
    size_t length = block->length < block->file_bytes ? (size_t)block->length : block->file_bytes;
    memcpy(to, from, length);
    memset(to + length, 0, block->file_bytes - length);
    return 0;
}

int cramfs_image_read_file(const struct cramfs_image *image, const struct cramfs_inode *inode,
                           struct cramfs_inflater *inflater, unsigned char **bytes)
{
    struct cramfs_table table = cramfs_image_table(image, inode);
    uint32_t blocks = cramfs_block_count(table.size, table.page_size);
    /* One byte more: a NUL for a link's target, and an address for an empty file. */
    unsigned char *to = calloc((size_t)table.size + 1, 1);
    if (!to)
        return -CRAMFS_ERR_MEMORY;
    int error = 0;
    for (uint32_t i = 0; !error && i < blocks; i++) {
        struct cramfs_block block;
        cramfs_block_locate(&table, i, &block);
        error = cramfs_image_read_block(image, &block, inflater, to + (size_t)i * table.page_size,
                                        NULL);
    }
    if (error) {
        free(to);
        return error;
    }
    *bytes = to;
    return 0;
}
