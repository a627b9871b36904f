#include "read/program_block.h"

#include "codec/stream_header.h"
#include "cramfs/program.h"

/* The only two first bytes for which cramfs_program_begins() can be true. */
enum { FIRST_OF_ELF = 0x7f, FIRST_OF_FLAT = 'b' };

/* -1 when it is not known. */
static int first_byte(const struct cramfs_image *image, const struct cramfs_block *block)
{
    const unsigned char *bytes = cramfs_image_bytes(image, block->offset, block->length);
    if (!bytes || !block->length)
        return -1;
    return block->kind == CRAMFS_BLOCK_DEFLATED ? stream_first_byte(bytes, (size_t)block->length)
                                                : bytes[0];
}

bool block_begins_program(const struct cramfs_image *image, const struct cramfs_block *block,
                          struct cramfs_inflater *inflater, unsigned char *page)
{
    if (block->fault || block->kind == CRAMFS_BLOCK_HOLE)
        return false;
    int first = first_byte(image, block);
    if (first >= 0 && first != FIRST_OF_ELF && first != FIRST_OF_FLAT)
        return false;
    return cramfs_image_read_block(image, block, inflater, page, NULL) == 0 &&
           cramfs_program_begins(page, block->file_bytes);
}
