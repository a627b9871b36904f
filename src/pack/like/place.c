#include "pack/like/place.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/array.h"
#include "cramfs/block.h"
#include "format/bytes.h"

static int add_spot(struct layout *layout, enum spot_kind kind, uint32_t index, uint64_t offset,
                    uint64_t length)
{
    if (!ARRAY_GROW(layout, spots))
        return -CRAMFS_ERR_MEMORY;
    layout->spots[layout->spots_count++] = (struct spot){offset, (uint32_t)length, kind, index};
    return 0;
}

static int add_front_spots(const struct placing *placing)
{
    const struct cramfs_plan_options *options = placing->options;
    struct layout *layout = placing->layout;
    uint64_t super = options->boot_area ? CRAMFS_BOOT_SIZE : 0;
    int error = super ? add_spot(layout, SPOT_BOOT, 0, 0, super) : 0;
    if (!error)
        error = add_spot(layout, SPOT_SUPER, 0, super, CRAMFS_SUPER_SIZE);
    if (!error && options->insert_length)
        error = add_spot(layout, SPOT_INSERT, 0, super + CRAMFS_SUPER_SIZE, options->insert_length);
    return error;
}

static int add_directory_spots(const struct placing *placing)
{
    struct layout *layout = placing->layout;
    int error = 0;
    for (uint32_t i = 0; !error && i < placing->tree->nodes_count; i++) {
        const struct cramfs_node *node = placing->tree->nodes[i];
        if (S_ISDIR(node->mode) && node->children_count)
            error = add_spot(layout, SPOT_DIRECTORY, i, layout->directory_offset[i],
                             cramfs_directory_size(node));
    }
    return error;
}

static int compare_spots(const void *first, const void *second)
{
    const struct spot *a = first;
    const struct spot *b = second;
    return a->offset < b->offset ? -1 : a->offset > b->offset;
}

static int add_spots(const struct placing *placing)
{
    const struct arrangement *arrangement = placing->arrangement;
    struct layout *layout = placing->layout;
    int error = add_front_spots(placing);
    if (!error)
        error = add_directory_spots(placing);
    if (!error && layout->zero_word)
        error = add_spot(layout, SPOT_ZERO_WORD, 0, layout->zero_word, CRAMFS_DIRECT_PREFIX);
    for (uint32_t i = 0; !error && i < arrangement->tables_count; i++) {
        const struct table *table = &arrangement->tables[i];
        uint32_t slots = placing->encoded->contents[table->content].refs_count;
        error =
            add_spot(layout, SPOT_TABLE, i, table->offset, (uint64_t)slots * CRAMFS_POINTER_SIZE);
    }
    for (uint32_t i = 0; !error && i < arrangement->pieces_count; i++) {
        const struct piece *piece = &arrangement->pieces[i];
        error =
            add_spot(layout, SPOT_PIECE, i, piece->offset, piece_length(placing->encoded, piece));
    }
    if (!error)
        qsort(layout->spots, layout->spots_count, sizeof(*layout->spots), compare_spots);
    return error;
}

static int prepare(struct placing *placing)
{
    const struct keeping *keeping = placing->keeping;
    uint32_t nodes = placing->tree->nodes_count;
    placing->layout->directory_offset = malloc(nodes * sizeof(uint32_t));
    if (!placing->layout->directory_offset ||
        erase_blocks_copy(&keeping->erase_blocks, &placing->erase_blocks) != 0 ||
        room_copy(&keeping->room, &placing->room) != 0)
        return -CRAMFS_ERR_MEMORY;
    memcpy(placing->layout->directory_offset, keeping->directories, nodes * sizeof(uint32_t));
    placing->layout->zero_word = keeping->zero_word;
    placing->end = placing->limit = room_end(&keeping->room);
    return 0;
}

/*
 * An entry whose data move changes, so its erase block differs. Then the other room there costs
 * nothing.
 */
static void mark_moved(struct placing *placing)
{
    const struct keeping *keeping = placing->keeping;
    for (uint32_t i = 0; i < placing->tree->nodes_count; i++) {
        const struct cramfs_node *node = placing->tree->nodes[i];
        uint32_t table = placing->arrangement->table_of_node[i];
        bool moved = S_ISDIR(node->mode)
                         ? node->children_count && !keeping->directories[i]
                         : table != NO_TABLE && !placing->arrangement->tables[table].fixed;
        uint64_t at = keep_entry_offset(keeping, node);
        if (moved && at)
            erase_blocks_mark(&placing->erase_blocks, at, CRAMFS_INODE_SIZE);
    }
}

int place(const struct cramfs_tree *tree, const struct cramfs_plan_options *options,
          const struct encoded_tree *encoded, struct arrangement *arrangement,
          const struct keeping *keeping, struct placing_ways ways, struct layout *layout)
{
    struct placing placing = {.tree = tree,
                              .options = options,
                              .encoded = encoded,
                              .arrangement = arrangement,
                              .keeping = keeping,
                              .layout = layout,
                              .ways = ways};
    int error = prepare(&placing);
    if (!error) {
        mark_moved(&placing);
        error = place_runs(&placing);
    }
    if (!error)
        error = place_chains(&placing);
    if (!error)
        error = add_spots(&placing);
    room_free(&placing.room);
    erase_blocks_free(&placing.erase_blocks);
    return error;
}
