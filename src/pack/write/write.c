#include "pack/write/write.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cramfs/block.h"
#include "format/bytes.h"
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
                      struct byte_sink *sink)
{
    const struct encoded_block *block = &parts->encoded->store.blocks[piece->block];
    if (piece->head && block->form == FORM_DEFLATED) {
        unsigned char prefix[CRAMFS_DIRECT_PREFIX];
        store16(parts->options->order, prefix, (uint16_t)block->length);
        int error = sink->take(sink, prefix, sizeof(prefix));
        if (error)
            return error;
    }
    return sink->take(sink, block->data, block->length);
}

static int emit_spot(const struct image_parts *parts, const struct spot *spot,
                     struct byte_sink *sink)
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
        return emit_piece(parts, &parts->arrangement->pieces[spot->index], sink);
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

int emit_image(const struct image_parts *parts, struct byte_sink *sink)
{
    struct counting_sink counting = {{count_bytes}, sink, 0};
    for (size_t i = 0; i < parts->layout->spots_count; i++) {
        const struct spot *spot = &parts->layout->spots[i];
        if (counting.count > spot->offset)
            return -CRAMFS_ERR_INTERNAL;
        const struct spot *before = i ? spot - 1 : NULL;
        int error = emit_gap(parts, before, counting.count, spot->offset, &counting.base);
        if (!error)
            error = emit_spot(parts, spot, &counting.base);
        if (error)
            return error;
        if (counting.count != spot->offset + spot->length)
            return -CRAMFS_ERR_INTERNAL;
    }
    return emit_gap(parts, &parts->layout->spots[parts->layout->spots_count - 1], counting.count,
                    parts->layout->image_size, &counting.base);
}

/* The CRC begins with the superblock; boot code before it is not included. */
struct crc_sink {
    struct byte_sink base;
    uint32_t crc;
    size_t skip;
};

static int crc_bytes(struct byte_sink *base, const void *bytes, size_t length)
{
    struct crc_sink *sink = (struct crc_sink *)base;
    size_t skipped = sink->skip < length ? sink->skip : length;
    sink->skip -= skipped;
    sink->crc = cramfs_crc32(sink->crc, (const unsigned char *)bytes + skipped, length - skipped);
    return 0;
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

int make_super(struct image_parts *parts)
{
    struct crc_sink crc = {{crc_bytes}, 0, parts->options->boot_area ? CRAMFS_BOOT_SIZE : 0};
    int error = describe_super(parts);
    if (!error)
        error = emit_image(parts, &crc.base);
    parts->super.crc = crc.crc;
    return error;
}
