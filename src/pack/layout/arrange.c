#include "pack/layout/arrange.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "cramfs/block.h"
#include "pack/layout/arranging.h"
#include "pack/layout/inodes.h"

static const struct kept_table *kept_of(const struct arranging *arranging, uint32_t number)
{
    const struct kept_table *kept = arranging->kept ? &arranging->kept->tables[number] : NULL;
    return kept && kept->paired ? kept : NULL;
}

/* A cursor before the first slot of a table. */
static struct cursor cursor_of(const struct arranging *arranging, uint32_t number)
{
    struct table *table = &arranging->out->tables[number];
    const struct content *content = &arranging->encoded->contents[table->content];
    const struct kept_table *kept = kept_of(arranging, number);
    return (struct cursor){
        .number = number,
        .table = table,
        .refs = &arranging->encoded->refs[content->first_ref],
        .slots = content->refs_count,
        .size = content->size,
        .kept = kept ? &arranging->kept->slots[kept->first_slot] : NULL,
        .before_last = NO_SLOT,
        .previous = NO_PIECE,
    };
}

static void settle_table(const struct arranging *arranging, uint32_t number)
{
    struct table *table = &arranging->out->tables[number];
    const struct kept_table *kept = kept_of(arranging, number);
    table->fixed = kept && kept->stays;
    table->offset = table->fixed ? kept->offset : 0;
}

/* Sets the slots of a table that are in place, and adds their pieces. */
static int begin_table(struct arranging *arranging, uint32_t number)
{
    struct arrangement *out = arranging->out;
    settle_table(arranging, number);
    arranging->at = cursor_of(arranging, number);
    if (!array_reserve(&out->slots, sizeof(*out->slots), out->slots_count, &out->slots_capacity,
                       arranging->at.slots))
        return -CRAMFS_ERR_MEMORY;
    arranging->at.table->first_slot = out->slots_count;
    out->slots_count += arranging->at.slots;
    return arrange_runs(arranging);
}

/* Sets the other slots of the table; their pieces are its own. */
static int finish_table(struct arranging *arranging, uint32_t number)
{
    arranging->at = cursor_of(arranging, number);
    arranging->at.table->first_piece = (uint32_t)arranging->out->pieces_count;
    return arrange_chains(arranging);
}

/*
 * Whether tables and chains could be after the last offset that inodes can point to, if nothing
 * were shared.
 */
static bool may_be_large(const struct encoded_tree *encoded)
{
    uint64_t bytes = 0;
    for (size_t i = 0; i < encoded->refs_count; i++) {
        uint32_t ref = encoded->refs[i];
        bytes += CRAMFS_POINTER_SIZE;
        if (ref != REF_HOLE && encoded->store.blocks[ref].form != FORM_IN_PLACE)
            bytes += encoded->store.blocks[ref].length + HEAD_COST;
    }
    return bytes > CRAMFS_MAX_INODE_OFFSET / 2; /* directories, and contents with several tables */
}

int arrange_tables(const struct cramfs_tree *tree, const struct cramfs_plan_options *options,
                   struct encoded_tree *encoded, const struct kept *kept,
                   struct arrangement *arrangement, struct cramfs_diags *diags)
{
    struct arranging arranging = {.tree = tree,
                                  .options = options,
                                  .encoded = encoded,
                                  .kept = kept,
                                  .out = arrangement,
                                  .diags = diags};
    /* Room for most slots and pieces: contents with several tables may need more slots. */
    bool room = array_reserve(&arrangement->slots, sizeof(*arrangement->slots), 0,
                              &arrangement->slots_capacity, encoded->refs_count) &&
                array_reserve(&arrangement->pieces, sizeof(*arrangement->pieces), 0,
                              &arrangement->pieces_capacity, encoded->refs_count);
    int error = room ? 0 : -CRAMFS_ERR_MEMORY;
    arranging.large = kept || may_be_large(encoded);
    /* Blocks in place first: then no block with the same bytes needs to be stored as well. */
    for (uint32_t i = 0; !error && i < arrangement->tables_count; i++)
        error = begin_table(&arranging, i);
    for (uint32_t i = 0; !error && i < arrangement->tables_count; i++)
        error = finish_table(&arranging, i);
    if (error == -CRAMFS_ERR_MEMORY)
        cramfs_fail_memory(diags);
    cramfs_deflater_free(arranging.deflater);
    free(arranging.shareable);
    hash_index_free(&arranging.fixed_index);
    hash_index_free(&arranging.runs_index);
    return error;
}

int arrange(const struct cramfs_tree *tree, const struct cramfs_plan_options *options,
            struct encoded_tree *encoded, struct arrangement *arrangement,
            struct cramfs_diags *diags)
{
    if (list_tables(tree, encoded, arrangement) != 0)
        return cramfs_fail_memory(diags);
    return arrange_tables(tree, options, encoded, NULL, arrangement, diags);
}
