#include "cramfs/possible_pages.h"

#include <string.h>

#include "cramfs/select.h"

/*
 * Whether a stored page could be mapped where it is; without an MMU it need not be aligned.
 */
static bool could_be_mapped(const struct cramfs_table *table, uint32_t index,
                            enum cramfs_kernel kernel)
{
    struct cramfs_block block;
    cramfs_block_locate(table, index, &block);
    if (cramfs_block_loses_tail(table, index, &block))
        return false;
    if (kernel != CRAMFS_KERNEL_NOMMU)
        return cramfs_block_in_place(table, &block);
    return !block.fault && block.kind == CRAMFS_BLOCK_STORED && block.direct;
}

int cramfs_possible_pages(const struct cramfs_table *table, const void *program,
                          enum cramfs_kernel kernel, bool *possible)
{
    if (program) {
        struct cramfs_selection selection;
        int error = cramfs_select(program, table->size, table->page_size, kernel,
                                  CRAMFS_XIP_READONLY, possible, &selection);
        if (!error)
            cramfs_selection_free(&selection);
        return error;
    }
    uint32_t pages = cramfs_block_count(table->size, table->page_size);
    uint32_t count = 0;
    memset(possible, 0, pages * sizeof(*possible));
    if (!could_be_mapped(table, 0, kernel))
        return 0;
    for (uint32_t i = 0; i < pages; i++) {
        possible[i] = could_be_mapped(table, i, kernel);
        count += possible[i];
    }
    if (kernel == CRAMFS_KERNEL_NOMMU && count < pages)
        memset(possible, 0, pages * sizeof(*possible));
    return 0;
}
