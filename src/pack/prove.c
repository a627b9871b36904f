#include "pack/prove.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/lower_bound.h"
#include "cramfs/block.h"
#include "cramfs/mapping.h"
#include "format/bytes.h"
#include "pack/blocks/block_bytes.h"
#include "pack/layout/pointers.h"
#include "pack/plan_parts.h"
#include "pack/write/gaps.h"

/* The planned image, as a mapping needs it: one pointer table, and pages in place. */
struct planned {
    struct cramfs_reader reader;
    const struct image_parts *parts;
    const struct table *table;
    uint32_t *pointers;
    uint32_t count;
    struct block_inflater *inflater;
};

static const struct planned *planned_of(const struct cramfs_reader *reader)
{
    return (const struct planned *)((const char *)reader - offsetof(struct planned, reader));
}

static unsigned char table_byte(const struct planned *planned, uint64_t at)
{
    unsigned char bytes[CRAMFS_POINTER_SIZE];
    store32(planned->parts->options->order, bytes, planned->pointers[at / CRAMFS_POINTER_SIZE]);
    return bytes[at % CRAMFS_POINTER_SIZE];
}

static bool begins_not_after(const void *spot, const void *offset)
{
    return ((const struct spot *)spot)->offset <= *(const uint64_t *)offset;
}

/* The last spot that begins at or before `offset`. */
static const struct spot *spot_at(const struct layout *layout, uint64_t offset)
{
    size_t next = lower_bound(&offset, layout->spots, layout->spots_count, sizeof(*layout->spots),
                              begins_not_after);
    return &layout->spots[next ? next - 1 : 0];
}

/* The bytes of a spot, if it is a stored block; NULL for all others, which count as not zero. */
static const unsigned char *spot_bytes(const struct planned *planned, const struct spot *spot)
{
    const struct image_parts *parts = planned->parts;
    if (spot->kind != SPOT_PIECE)
        return NULL;
    const struct piece *piece = &parts->arrangement->pieces[spot->index];
    const struct encoded_block *block = &parts->encoded->store.blocks[piece->block];
    return block->form == FORM_DEFLATED ? NULL : block_bytes(block, planned->inflater);
}

/* Reads bytes of the spot at an offset, or of the gap after it; returns how many. */
static size_t read_spot(const struct planned *planned, uint64_t offset, unsigned char *to,
                        size_t length)
{
    const struct spot *spot = spot_at(planned->parts->layout, offset);
    uint64_t end = spot->offset + spot->length;
    if (offset >= end) {
        *to = gap_byte(planned->parts, spot, offset);
        return 1;
    }
    size_t read = end - offset < length ? (size_t)(end - offset) : length;
    const unsigned char *bytes = spot_bytes(planned, spot);
    if (bytes)
        memcpy(to, bytes + (offset - spot->offset), read);
    else
        memset(to, 0xff, read);
    return read;
}

static void read_planned(const struct cramfs_reader *reader, uint64_t offset, void *to,
                         size_t length)
{
    const struct planned *planned = planned_of(reader);
    uint64_t table = planned->table->offset;
    uint64_t table_end = table + (uint64_t)planned->count * CRAMFS_POINTER_SIZE;
    unsigned char *bytes = to;
    for (size_t i = 0; i < length;) {
        uint64_t at = offset + i;
        if (at >= table && at < table_end)
            bytes[i++] = table_byte(planned, at - table);
        else
            i += read_spot(planned, at, bytes + i, length - i);
    }
}

static void mark_direct(const struct cramfs_mapping *mapping, const struct cramfs_prediction *found,
                        uint32_t page_size, bool *direct)
{
    uint64_t first = mapping->offset / page_size;
    for (uint64_t i = 0; i < found->direct_pages && i < mapping->kept_pages; i++)
        direct[first + i] = true;
}

/* Marks the pages that are direct in some mapping of the file. */
static int find_direct(const struct planned *planned, bool *direct)
{
    const struct image_parts *parts = planned->parts;
    const struct cramfs_plan_options *options = parts->options;
    const struct content *content = &parts->encoded->contents[planned->table->content];
    const struct cramfs_mapping *mappings = &parts->encoded->mappings[content->first_mapping];
    struct cramfs_table table = {
        .reader = &planned->reader,
        .order = options->order,
        .page_size = options->page_size,
        .offset = planned->table->offset,
        .size = content->size,
    };
    /* Any multiple of the page will do, except 0, where nothing is mounted. */
    const struct cramfs_placement placement = {
        .extended = true, .address = (uint64_t)options->page_size, .kernel = options->kernel};
    struct cramfs_prediction *found = calloc(content->mappings_count, sizeof(*found));
    if (!found)
        return -CRAMFS_ERR_MEMORY;
    cramfs_mappings_predict(&table, &placement, mappings, content->mappings_count, found);
    for (size_t i = 0; i < content->mappings_count; i++)
        mark_direct(&mappings[i], &found[i], options->page_size, direct);
    free(found);
    return 0;
}

static int fail(const struct planned *planned, uint32_t page, struct cramfs_diags *diags)
{
    const struct cramfs_node *node = planned->parts->tree->nodes[planned->table->node];
    return cramfs_node_fail(diags, CRAMFS_ERR_INTERNAL, node,
                            "its page %" PRIu32
                            " was put in place, but would not be mapped directly, and no image is "
                            "written; this is a bug, report it with the tree",
                            page);
}

static int prove_table(const struct image_parts *parts, const struct table *table,
                       struct block_inflater *inflater, struct cramfs_diags *diags)
{
    const struct encoded_tree *encoded = parts->encoded;
    const struct content *content = &encoded->contents[table->content];
    if (!content->mappings_count)
        return 0;
    struct planned planned = {.reader = {parts->layout->image_size, read_planned},
                              .parts = parts,
                              .table = table,
                              .inflater = inflater};
    bool *direct = calloc(content->refs_count, sizeof(*direct));
    int error =
        direct ? table_pointers(encoded, parts->arrangement, parts->layout,
                                parts->options->page_size, table, &planned.pointers, &planned.count)
               : -CRAMFS_ERR_MEMORY;
    if (!error)
        error = find_direct(&planned, direct);
    if (error)
        plan_fail(error, diags);
    for (uint32_t i = 0; !error && i < content->refs_count; i++) {
        /* A block that only shares a page in place with others need not be mapped. */
        uint32_t ref = encoded->refs[content->first_ref + i];
        if (ref != REF_HOLE && encoded->store.blocks[ref].form == FORM_IN_PLACE && !direct[i])
            error = fail(&planned, i, diags);
    }
    free(planned.pointers);
    free(direct);
    return error;
}

int prove_direct(const struct image_parts *parts, struct cramfs_diags *diags)
{
    struct block_inflater *inflater = block_inflater_create();
    int error = inflater ? 0 : cramfs_fail_memory(diags);
    for (size_t i = 0; !error && i < parts->arrangement->tables_count; i++)
        error = prove_table(parts, &parts->arrangement->tables[i], inflater, diags);
    block_inflater_free(inflater);
    return error;
}
