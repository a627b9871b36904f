#include "pack/layout/arrangement.h"

#include <stdlib.h>
#include <string.h>

bool direct_reads_right(const struct encoded_block *block, uint32_t slot, uint32_t slots,
                        uint32_t size, uint32_t page_size)
{
    if (block->form == FORM_DEFLATED)
        return true;
    return block->length == (slot == slots - 1 ? size % page_size : page_size);
}

bool better_in_place(const struct cramfs_plan_options *options, const struct encoded_tree *encoded,
                     const struct content *content, uint32_t slot)
{
    const struct block_store *store = &encoded->store;
    const struct encoded_block *block = &store->blocks[encoded->refs[content->first_ref + slot]];
    bool shares = !options->legacy && options->kernel != CRAMFS_KERNEL_NOMMU;
    return block->placed != NO_BLOCK && shares && block->length > HEAD_COST &&
           direct_reads_right(&store->blocks[block->placed], slot, content->refs_count,
                              content->size, options->page_size);
}

void arrangement_free(struct arrangement *arrangement)
{
    free(arrangement->tables);
    free(arrangement->pieces);
    free(arrangement->slots);
    free(arrangement->table_of_node);
    memset(arrangement, 0, sizeof(*arrangement));
}

void arrangement_empty(struct arrangement *arrangement)
{
    for (size_t i = 0; i < arrangement->tables_count; i++)
        arrangement->tables[i].pieces_count = 0;
    arrangement->pieces_count = 0;
    arrangement->slots_count = 0;
    arrangement->shared_slots = 0;
    arrangement->hole_slots = 0;
}
