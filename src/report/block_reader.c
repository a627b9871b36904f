#include "report/block_reader.h"

#include <stdlib.h>

struct peek *peek_create(void)
{
    struct peek *peek = malloc(sizeof(*peek));
    if (!peek)
        return NULL;
    peek->inflater = cramfs_inflater_create();
    if (peek->inflater)
        return peek;
    free(peek);
    return NULL;
}

void peek_free(struct peek *peek)
{
    if (!peek)
        return;
    cramfs_inflater_free(peek->inflater);
    free(peek);
}

int peek_block(struct peek *peek, const struct cramfs_image *image,
               const struct cramfs_table *table, uint32_t index, uint32_t *length)
{
    struct cramfs_block block;
    cramfs_block_locate(table, index, &block);
    *length = block.file_bytes;
    return cramfs_image_read_block(image, &block, peek->inflater, peek->page, NULL);
}

int peek_first(struct peek *peek, const struct cramfs_view *view, uint32_t entry, uint32_t *length)
{
    if (!cramfs_survey_has_blocks(view->survey, entry))
        return -CRAMFS_ERR_FORMAT;
    struct cramfs_table table =
        cramfs_image_table(view->image, &view->survey->entries.list[entry].inode);
    return peek_block(peek, view->image, &table, 0, length);
}
