#include "pack/write/write.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/lower_bound.h"
#include "cramfs/block.h"
#include "format/bytes.h"
#include "pack/blocks/block_bytes.h"
#include "pack/layout/inodes.h"
#include "pack/layout/pointers.h"
#include "pack/write/gaps.h"

static uint32_t inode_offset(const struct image_parts *parts, const struct cramfs_node *node)
{
    uint32_t table = parts->arrangement->table_of_node[node->number];
    if (S_ISDIR(node->mode))
        return parts->layout->directory_offset[node->number];
    return table == NO_TABLE ? 0 : parts->arrangement->tables[table].offset;
}

static struct cramfs_inode make_inode(const struct image_parts *parts,
                                      const struct cramfs_node *node)
{
    return (struct cramfs_inode){
        .mode = (uint16_t)node->mode,
        .uid = (uint16_t)node->uid,
        .gid = (uint8_t)node->gid,
        .name_length = (uint8_t)cramfs_name_length(node->name),
        .size = inode_size(node),
        .offset = inode_offset(parts, node),
    };
}

static int emit_super(const struct image_parts *parts, struct byte_sink *sink)
{
    unsigned char bytes[CRAMFS_SUPER_SIZE];
    cramfs_super_encode(parts->options->order, &parts->super, bytes);
    return sink->take(sink, bytes, sizeof(bytes));
}

static int emit_directory(const struct image_parts *parts, const struct cramfs_node *directory,
                          struct byte_sink *sink)
{
    for (size_t i = 0; i < directory->children_count; i++) {
        const struct cramfs_node *node = directory->children[i];
        unsigned char entry[CRAMFS_ENTRY_WINDOW] = {0};
        struct cramfs_inode inode = make_inode(parts, node);
        cramfs_inode_encode(parts->options->order, &inode, entry);
        memcpy(entry + CRAMFS_INODE_SIZE, node->name, strlen(node->name));
        int error = sink->take(sink, entry, CRAMFS_INODE_SIZE + inode.name_length);
        if (error)
            return error;
    }
    return 0;
}

static int make_pointers(const struct image_parts *parts, const struct table *table,
                         uint32_t **pointers, uint32_t *count)
{
    return table_pointers(parts->encoded, parts->arrangement, parts->layout,
                          parts->options->page_size, table, pointers, count);
}

static int emit_table(const struct image_parts *parts, const struct table *table,
                      struct byte_sink *sink)
{
    uint32_t *pointers;
    uint32_t count;
    int error = make_pointers(parts, table, &pointers, &count);
    for (uint32_t i = 0; !error && i < count; i++) {
        unsigned char bytes[CRAMFS_POINTER_SIZE];
        store32(parts->options->order, bytes, pointers[i]);
        error = sink->take(sink, bytes, sizeof(bytes));
    }
    free(pointers);
    return error;
}

static int emit_piece(const struct image_parts *parts, const struct piece *piece,
                      struct block_inflater *inflater, struct byte_sink *sink)
{
    const struct encoded_block *block = &parts->encoded->store.blocks[piece->block];
    const unsigned char *bytes = block_bytes(block, inflater);
    if (!bytes)
        return -CRAMFS_ERR_INTERNAL;
    if (piece->head && block->form == FORM_DEFLATED) {
        unsigned char prefix[CRAMFS_DIRECT_PREFIX];
        store16(parts->options->order, prefix, (uint16_t)block->length);
        int error = sink->take(sink, prefix, sizeof(prefix));
        if (error)
            return error;
    }
    return sink->take(sink, bytes, block->length);
}

static int emit_spot(const struct image_parts *parts, const struct spot *spot,
                     struct block_inflater *inflater, struct byte_sink *sink)
{
    const struct cramfs_plan_options *options = parts->options;
    switch (spot->kind) {
    case SPOT_BOOT:
        return options->boot_code ? sink->take(sink, options->boot_code, CRAMFS_BOOT_SIZE)
                                  : emit_zeroes(CRAMFS_BOOT_SIZE, sink);
    case SPOT_SUPER:
        return emit_super(parts, sink);
    case SPOT_INSERT:
        return sink->take(sink, options->insert, spot->length);
    case SPOT_DIRECTORY:
        return emit_directory(parts, parts->tree->nodes[spot->index], sink);
    case SPOT_TABLE:
        return emit_table(parts, &parts->arrangement->tables[spot->index], sink);
    case SPOT_PIECE:
        return emit_piece(parts, &parts->arrangement->pieces[spot->index], inflater, sink);
    case SPOT_ZERO_WORD:
        return emit_zeroes(CRAMFS_DIRECT_PREFIX, sink);
    }
    return -CRAMFS_ERR_INTERNAL;
}

/* Counts the bytes, so that each spot can be compared with its planned offset. */
struct counting_sink {
    struct byte_sink base;
    struct byte_sink *next;
    uint64_t count;
};

static int count_bytes(struct byte_sink *base, const void *bytes, size_t length)
{
    struct counting_sink *sink = (struct counting_sink *)base;
    sink->count += length;
    return sink->next->take(sink->next, bytes, length);
}

/* Writes the gap before a spot, and the spot. */
static int emit_next(const struct image_parts *parts, size_t number,
                     struct block_inflater *inflater, struct counting_sink *sink)
{
    const struct spot *spot = &parts->layout->spots[number];
    if (sink->count > spot->offset)
        return -CRAMFS_ERR_INTERNAL;
    const struct spot *before = number ? spot - 1 : NULL;
    int error = emit_gap(parts, before, sink->count, spot->offset, &sink->base);
    if (!error)
        error = emit_spot(parts, spot, inflater, &sink->base);
    if (!error && sink->count != spot->offset + spot->length)
        error = -CRAMFS_ERR_INTERNAL;
    return error;
}

int emit_image(const struct image_parts *parts, struct byte_sink *sink)
{
    struct counting_sink counting = {{count_bytes}, sink, 0};
    const struct layout *layout = parts->layout;
    struct block_inflater *inflater = block_inflater_create();
    int error = inflater ? 0 : -CRAMFS_ERR_MEMORY;
    for (size_t i = 0; !error && i < layout->spots_count; i++)
        error = emit_next(parts, i, inflater, &counting);
    block_inflater_free(inflater);
    return error ? error
                 : emit_gap(parts, &layout->spots[layout->spots_count - 1], counting.count,
                            layout->image_size, &counting.base);
}

/* Keeps the bytes of a piece, and drops those of its spots that are outside. */
struct piece_sink {
    struct byte_sink base;
    uint64_t skip;
    unsigned char *at;
    size_t room;
};

static int keep_bytes(struct byte_sink *base, const void *bytes, size_t length)
{
    struct piece_sink *sink = (struct piece_sink *)base;
    size_t skipped = sink->skip < length ? (size_t)sink->skip : length;
    size_t rest = length - skipped;
    size_t kept = rest < sink->room ? rest : sink->room;
    memcpy(sink->at, (const unsigned char *)bytes + skipped, kept);
    sink->skip -= skipped;
    sink->at += kept;
    sink->room -= kept;
    return 0;
}

static bool ends_not_after(const void *spot, const void *offset)
{
    const struct spot *one = spot;
    return one->offset + one->length <= *(const uint64_t *)offset;
}

int emit_piece_of_image(const struct image_parts *parts, struct block_inflater *inflater,
                        uint64_t begin, size_t length, void *to)
{
    const struct layout *layout = parts->layout;
    /* The first spot that ends after the beginning; the gap before it may begin earlier. */
    size_t i = lower_bound(&begin, layout->spots, layout->spots_count, sizeof(*layout->spots),
                           ends_not_after);
    bool in_spot = i < layout->spots_count && layout->spots[i].offset < begin;
    uint64_t from = in_spot ? layout->spots[i].offset : begin;
    struct piece_sink sink = {{keep_bytes}, begin - from, to, length};
    struct counting_sink counting = {{count_bytes}, &sink.base, from};
    int error = 0;
    for (; !error && i < layout->spots_count && layout->spots[i].offset < begin + length; i++)
        error = emit_next(parts, i, inflater, &counting);
    if (!error && sink.room)
        error = emit_gap(parts, i ? &layout->spots[i - 1] : NULL, counting.count, begin + length,
                         &counting.base);
    return error;
}

/* Whether any pointer of the image uses bits 30 or 31. */
static int find_extended(const struct image_parts *parts, bool *extended)
{
    *extended = false;
    for (size_t i = 0; i < parts->arrangement->tables_count && !*extended; i++) {
        uint32_t *pointers;
        uint32_t count;
        int error = make_pointers(parts, &parts->arrangement->tables[i], &pointers, &count);
        for (uint32_t j = 0; !error && j < count; j++)
            *extended |= (pointers[j] & ~CRAMFS_POINTER_VALUE) != 0;
        free(pointers);
        if (error)
            return error;
    }
    return 0;
}

int describe_super(struct image_parts *parts)
{
    bool extended;
    int error = find_extended(parts, &extended);
    if (error)
        return error;
    struct cramfs_super *super = &parts->super;
    *super = (struct cramfs_super){
        .size = (uint32_t)parts->layout->image_size,
        .flags = CRAMFS_FLAG_FSID_VERSION_2 | CRAMFS_FLAG_SORTED_DIRS,
        .edition = parts->options->edition,
        .blocks = (uint32_t)parts->arrangement->pieces_count,
        .files = parts->tree->nodes_count,
        .root = make_inode(parts, parts->tree->root),
    };
    memcpy(super->signature, CRAMFS_SIGNATURE, sizeof(super->signature));
    if (parts->options->name)
        memcpy(super->name, parts->options->name,
               strnlen(parts->options->name, sizeof(super->name)));
    if (parts->arrangement->hole_slots)
        super->flags |= CRAMFS_FLAG_HOLES;
    if (extended)
        super->flags |= CRAMFS_FLAG_EXT_BLOCK_POINTERS;
    if (super->root.offset && parts->options->insert_length)
        super->flags |= CRAMFS_FLAG_SHIFTED_ROOT_OFFSET;
    return 0;
}
