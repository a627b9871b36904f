#include "report/block_reader.h"

#include <sys/stat.h>

#include "codec/with_inflater.h"
#include "read/program_block.h"

struct block_reader *block_reader_create(void)
{
    return with_inflater_create(sizeof(struct block_reader));
}

void block_reader_free(struct block_reader *reader)
{
    with_inflater_free(reader);
}

int block_reader_block(struct block_reader *reader, const struct cramfs_image *image,
                       const struct cramfs_table *table, uint32_t index, uint32_t *length)
{
    struct cramfs_block block;
    cramfs_block_locate(table, index, &block);
    *length = block.file_bytes;
    return cramfs_image_read_block(image, &block, reader->inflater, reader->page, NULL);
}

int block_reader_first(struct block_reader *reader, const struct cramfs_view *view, uint32_t entry,
                       uint32_t *length)
{
    if (!cramfs_survey_has_blocks(view->survey, entry))
        return -CRAMFS_ERR_FORMAT;
    struct cramfs_table table =
        cramfs_image_table(view->image, &view->survey->entries.list[entry].inode);
    return block_reader_block(reader, view->image, &table, 0, length);
}

bool block_reader_program(struct block_reader *reader, const struct cramfs_view *view,
                          uint32_t entry, uint32_t *length)
{
    const struct cramfs_inode *inode = &view->survey->entries.list[entry].inode;
    if (!S_ISREG(inode->mode) || !cramfs_survey_has_blocks(view->survey, entry))
        return false;
    struct cramfs_table table = cramfs_image_table(view->image, inode);
    struct cramfs_block block;
    cramfs_block_locate(&table, 0, &block);
    *length = block.file_bytes;
    return block_begins_program(view->image, &block, reader->inflater, reader->page);
}
