#include "pack/layout/layout.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/array.h"
#include "cramfs/block.h"
#include "format/bytes.h"

/* No processor without an MMU has longer cache lines. */
enum { CACHE_LINE = 64 };

struct layout_laying {
    const struct cramfs_tree *tree;
    const struct cramfs_plan_options *options;
    const struct encoded_tree *encoded;
    struct arrangement *arrangement;
    struct layout *out;
    struct cramfs_diags *diags;
    uint64_t offset;       /* the first free byte */
    bool chains_separated; /* all tables come first */
};

static const struct encoded_block *block_of(const struct encoded_tree *encoded,
                                            const struct piece *piece)
{
    return &encoded->store.blocks[piece->block];
}

uint32_t piece_length(const struct encoded_tree *encoded, const struct piece *piece)
{
    const struct encoded_block *block = block_of(encoded, piece);
    bool prefixed = piece->head && block->form == FORM_DEFLATED;
    return block->length + (prefixed ? CRAMFS_DIRECT_PREFIX : 0);
}

/* Puts something at the next multiple of `unit`; *offset is where that is. */
static int put(struct layout_laying *laying, enum spot_kind kind, uint32_t index, uint64_t length,
               uint64_t unit, uint64_t *offset)
{
    *offset = align_up(laying->offset, unit);
    if (!ARRAY_GROW(laying->out, spots))
        return cramfs_fail_memory(laying->diags);
    laying->out->spots[laying->out->spots_count++] =
        (struct spot){*offset, (uint32_t)length, kind, index};
    laying->offset = *offset + length;
    return 0;
}

static int put_super(struct layout_laying *laying)
{
    uint64_t offset;
    int error = 0;
    if (laying->options->boot_area)
        error = put(laying, SPOT_BOOT, 0, CRAMFS_BOOT_SIZE, 1, &offset);
    if (!error)
        error = put(laying, SPOT_SUPER, 0, CRAMFS_SUPER_SIZE, 1, &offset);
    if (!error && laying->options->insert_length)
        error = put(laying, SPOT_INSERT, 0, laying->options->insert_length, 1, &offset);
    return error;
}

static int put_directory(struct layout_laying *laying, const struct cramfs_node *node)
{
    if (!node->children_count)
        return 0;
    uint64_t size = cramfs_directory_size(node);
    uint64_t offset;
    int error = put(laying, SPOT_DIRECTORY, node->number, size, CRAMFS_DIRECT_ALIGN, &offset);
    if (error)
        return error;
    if (offset > CRAMFS_MAX_INODE_OFFSET)
        return cramfs_node_fail(
            laying->diags, CRAMFS_ERR_LIMIT, node,
            "its entries would begin at offset %" PRIu64
            ", over the format's limit of %u; the tree has too many files, remove some",
            offset, CRAMFS_MAX_INODE_OFFSET);
    laying->out->directory_offset[node->number] = (uint32_t)offset;
    return 0;
}

static int put_directories(struct layout_laying *laying)
{
    for (uint32_t i = 0; i < laying->tree->nodes_count; i++) {
        const struct cramfs_node *node = laying->tree->nodes[i];
        laying->out->directory_offset[i] = 0;
        int error = S_ISDIR(node->mode) ? put_directory(laying, node) : 0;
        if (error)
            return error;
    }
    return 0;
}

static int put_piece(struct layout_laying *laying, uint32_t number)
{
    struct piece *piece = &laying->arrangement->pieces[number];
    uint64_t length = block_of(laying->encoded, piece)->length;
    if (!piece->head && laying->offset + length > CRAMFS_MAX_PLAIN_END) {
        if (piece->plain_only || laying->options->legacy)
            return cramfs_node_fail(
                laying->diags, CRAMFS_ERR_LIMIT,
                laying->tree->nodes[laying->arrangement->tables[piece->table].node],
                "its block %" PRIu32 " would end at offset %" PRIu64
                ", over the limit of %u for its plain pointer; make the tree smaller",
                piece->slot, laying->offset + length, CRAMFS_MAX_PLAIN_END);
        piece->head = true;
    }
    return put(laying, SPOT_PIECE, number, piece_length(laying->encoded, piece),
               piece->head ? CRAMFS_DIRECT_ALIGN : 1, &piece->offset);
}

static int put_chain(struct layout_laying *laying, const struct table *table)
{
    for (uint32_t i = 0; i < table->pieces_count; i++) {
        uint32_t number = table->first_piece + i;
        if (laying->arrangement->pieces[number].in_place)
            continue;
        int error = put_piece(laying, number);
        if (error)
            return error;
    }
    return 0;
}

static int put_table(struct layout_laying *laying, uint32_t number)
{
    struct table *table = &laying->arrangement->tables[number];
    uint32_t slots = laying->encoded->contents[table->content].refs_count;
    uint64_t offset;
    int error = put(laying, SPOT_TABLE, number, (uint64_t)slots * CRAMFS_POINTER_SIZE,
                    CRAMFS_DIRECT_ALIGN, &offset);
    table->offset = (uint32_t)offset;
    return error;
}

/*
 * Whether a plain pointer from the end of its own table is the only way to the chain's first block.
 */
static bool bound_to_table(const struct layout_laying *laying, const struct table *table)
{
    for (uint32_t i = 0; i < table->pieces_count; i++) {
        const struct piece *piece = &laying->arrangement->pieces[table->first_piece + i];
        if (!piece->in_place)
            return piece->starts && piece->plain_only;
    }
    return false;
}

static int put_tables(struct layout_laying *laying)
{
    const struct arrangement *arrangement = laying->arrangement;
    for (uint32_t i = 0; i < arrangement->tables_count; i++) {
        int error = put_table(laying, i);
        const struct table *table = &arrangement->tables[i];
        if (!error && (!laying->chains_separated || bound_to_table(laying, table)))
            error = put_chain(laying, table);
        if (error)
            return error;
        if (arrangement->tables[i].offset > CRAMFS_MAX_INODE_OFFSET || laying->offset > UINT32_MAX)
            return 1; /* it does not fit this way */
    }
    return 0;
}

static int put_separated_chains(struct layout_laying *laying)
{
    for (uint32_t i = 0; i < laying->arrangement->tables_count; i++) {
        const struct table *table = &laying->arrangement->tables[i];
        if (bound_to_table(laying, table))
            continue;
        for (uint32_t j = 0; j < table->pieces_count; j++) {
            struct piece *piece = &laying->arrangement->pieces[table->first_piece + j];
            piece->head |= piece->starts;
        }
        int error = put_chain(laying, table);
        if (error)
            return error;
    }
    return 0;
}

static int put_tables_and_chains(struct layout_laying *laying)
{
    size_t spots = laying->out->spots_count;
    uint64_t offset = laying->offset;
    int result = put_tables(laying);
    if (result > 0 && !laying->options->legacy) {
        laying->out->spots_count = spots;
        laying->offset = offset;
        laying->chains_separated = true;
        result = put_tables(laying);
        if (!result)
            result = put_separated_chains(laying);
    }
    if (result > 0)
        return cramfs_fail(laying->diags, CRAMFS_ERR_LIMIT, NULL,
                           "the block pointer tables do not fit below offset %u, the format's "
                           "limit; make the tree smaller",
                           CRAMFS_MAX_INODE_OFFSET);
    return result;
}

uint32_t zone_unit(const struct cramfs_plan_options *options)
{
    return options->kernel == CRAMFS_KERNEL_NOMMU ? CACHE_LINE : options->page_size;
}

static int put_zone(struct layout_laying *laying)
{
    const struct arrangement *arrangement = laying->arrangement;
    uint32_t unit = zone_unit(laying->options);
    for (uint32_t i = 0; i < arrangement->pieces_count; i++) {
        struct piece *piece = &arrangement->pieces[i];
        if (!piece->in_place)
            continue;
        int error = put(laying, SPOT_PIECE, i, block_of(laying->encoded, piece)->length,
                        piece->run_starts ? unit : 1, &piece->offset);
        if (error)
            return error;
    }
    return 0;
}

bool may_need_zero_word(const struct cramfs_plan_options *options,
                        const struct arrangement *arrangement, uint64_t end)
{
    return arrangement->hole_slots && !options->legacy && end > CRAMFS_MAX_PLAIN_END;
}

/* Sizes are not known yet, so an image that could get large has the zero word. */
static int put_zero_word(struct layout_laying *laying)
{
    const uint64_t around = CRAMFS_DIRECT_PREFIX + CRAMFS_DIRECT_ALIGN;
    uint64_t bound = laying->offset + laying->options->page_size;
    for (size_t i = 0; i < laying->arrangement->pieces_count; i++) {
        const struct piece *piece = &laying->arrangement->pieces[i];
        bound += piece->in_place ? laying->options->page_size
                                 : block_of(laying->encoded, piece)->length + around;
    }
    bound += laying->arrangement->slots_count * CRAMFS_POINTER_SIZE;
    bound += laying->arrangement->tables_count * CRAMFS_DIRECT_ALIGN;
    if (!may_need_zero_word(laying->options, laying->arrangement, bound))
        return 0;
    return put(laying, SPOT_ZERO_WORD, 0, CRAMFS_DIRECT_PREFIX, CRAMFS_DIRECT_ALIGN,
               &laying->out->zero_word);
}

/* Where the last directory entry of the image begins; 0 when there is none. */
static uint64_t last_entry(const struct cramfs_tree *tree, const struct layout *layout)
{
    uint64_t last = 0;
    for (uint32_t i = 0; i < tree->nodes_count; i++) {
        const struct cramfs_node *node = tree->nodes[i];
        if (!S_ISDIR(node->mode) || !node->children_count)
            continue;
        const char *name = node->children[node->children_count - 1]->name;
        uint64_t at = layout->directory_offset[i] + cramfs_directory_size(node) -
                      cramfs_name_length(name) - CRAMFS_INODE_SIZE;
        last = at > last ? at : last;
    }
    return last;
}

uint64_t least_image_size(const struct cramfs_tree *tree, const struct layout *layout, uint64_t end,
                          uint32_t page_size)
{
    uint64_t entry = last_entry(tree, layout);
    if (entry && end < entry + CRAMFS_ENTRY_WINDOW)
        end = entry + CRAMFS_ENTRY_WINDOW;
    /* The last page of a block device is not read if it is partial. */
    return align_up(end, page_size);
}

static int finish(struct layout_laying *laying)
{
    uint64_t end =
        least_image_size(laying->tree, laying->out, laying->offset, laying->options->page_size);
    if (end > CRAMFS_MAX_IMAGE_SIZE)
        return cramfs_fail(laying->diags, CRAMFS_ERR_LIMIT, NULL,
                           "the image would have %" PRIu64
                           " bytes, over the format's limit of %u bytes; make the tree smaller or "
                           "put less in place",
                           end, CRAMFS_MAX_IMAGE_SIZE);
    laying->out->image_size = end;
    return 0;
}

int lay_out(const struct cramfs_tree *tree, const struct cramfs_plan_options *options,
            const struct encoded_tree *encoded, struct arrangement *arrangement,
            struct layout *layout, struct cramfs_diags *diags)
{
    struct layout_laying laying = {.tree = tree,
                                   .options = options,
                                   .encoded = encoded,
                                   .arrangement = arrangement,
                                   .out = layout,
                                   .diags = diags};
    layout->directory_offset = malloc(tree->nodes_count * sizeof(*layout->directory_offset));
    if (!layout->directory_offset)
        return cramfs_fail_memory(diags);
    int error = put_super(&laying);
    if (!error)
        error = put_directories(&laying);
    if (!error)
        error = put_zero_word(&laying);
    if (!error)
        error = put_tables_and_chains(&laying);
    if (!error)
        error = put_zone(&laying);
    return error ? error : finish(&laying);
}

void layout_free(struct layout *layout)
{
    free(layout->spots);
    free(layout->directory_offset);
    free(layout->changed);
    memset(layout, 0, sizeof(*layout));
}
