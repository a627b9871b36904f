#include "report/list/pages.h"

#include <stdlib.h>

static void count_block(const struct cramfs_table *table, uint32_t index, struct pages *pages)
{
    struct cramfs_block block;
    struct cramfs_extent extent;
    cramfs_block_locate(table, index, &block);
    bool has_bytes = cramfs_block_extent(table, index, &block, &extent);
    if (block.fault)
        pages->faulty++;
    else if (!has_bytes || extent.kind == CRAMFS_EXTENT_HOLE)
        pages->holes++;
    else if (extent.kind == CRAMFS_EXTENT_IN_PLACE)
        pages->in_place++;
    else if (extent.kind == CRAMFS_EXTENT_STORED)
        pages->stored++;
    else
        pages->deflated++;
}

struct pages *pages_count(const struct cramfs_view *view)
{
    const struct cramfs_survey *survey = view->survey;
    struct pages *pages = calloc(survey->entries.list_count, sizeof(*pages));
    for (uint32_t i = 0; pages && i < survey->entries.list_count; i++) {
        uint32_t inode = survey->inode[i];
        if (inode == CRAMFS_NO_ENTRY)
            continue;
        if (inode != i) {
            pages[i] = pages[inode];
            continue;
        }
        struct cramfs_table table = cramfs_image_table(view->image, &survey->entries.list[i].inode);
        pages[i].all = cramfs_block_count(table.size, table.page_size);
        for (uint32_t block = 0; block < pages[i].all; block++)
            count_block(&table, block, &pages[i]);
    }
    return pages;
}
