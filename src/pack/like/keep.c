#include "pack/like/keep.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cramfs/block.h"
#include "pack/layout/inodes.h"

/* Takes the room at the beginning: superblock, inserted bytes, and the root's entries. */
static int take_front(struct keeping *keeping)
{
    const struct cramfs_plan_options *options = keeping->options;
    const struct cramfs_node *root = keeping->tree->root;
    uint64_t offset = (options->boot_area ? CRAMFS_BOOT_SIZE : 0) + CRAMFS_SUPER_SIZE +
                      (uint64_t)options->insert_length;
    offset = (offset + 3) & ~(uint64_t)3;
    keeping->front = offset + cramfs_directory_size(root);
    if (root->children_count)
        keeping->directories[root->number] = (uint32_t)offset;
    erase_blocks_mark(&keeping->erase_blocks, 0, CRAMFS_BOOT_SIZE + CRAMFS_SUPER_SIZE);
    int error = room_take(&keeping->room, 0, keeping->front);
    if (!error && keeping->old->zero_word >= keeping->front) {
        keeping->zero_word = keeping->old->zero_word;
        error = room_take(&keeping->room, keeping->zero_word, CRAMFS_DIRECT_PREFIX);
    }
    return error;
}

/*
 * A directory stays where it was if it still has room there. With `grown`, looks only at
 * directories that are longer than before; otherwise only at the others.
 */
static int keep_directory(struct keeping *keeping, const struct cramfs_node *node, bool grown)
{
    const struct cramfs_like_entry *entry = keep_old_entry(keeping, node);
    uint64_t size = cramfs_directory_size(node);
    if (!entry || !S_ISDIR(entry->inode.mode) || !entry->usable || !size || !entry->inode.size ||
        keeping->directories[node->number] || (size > entry->inode.size) != grown ||
        entry->inode.offset < keeping->front ||
        !room_is_free(&keeping->room, entry->inode.offset, size))
        return 0;
    keeping->directories[node->number] = entry->inode.offset;
    return room_take(&keeping->room, entry->inode.offset, size);
}

static int keep_directories(struct keeping *keeping, bool grown)
{
    int error = 0;
    for (uint32_t i = 0; !error && i < keeping->tree->nodes_count; i++) {
        const struct cramfs_node *node = keeping->tree->nodes[i];
        if (S_ISDIR(node->mode) && node != keeping->tree->root)
            error = keep_directory(keeping, node, grown);
    }
    return error;
}

/* Sets, by node, where entries are in directories that stay. */
static void place_entries(const struct keeping *keeping, uint64_t *entries)
{
    for (uint32_t i = 0; i < keeping->tree->nodes_count; i++) {
        const struct cramfs_node *directory = keeping->tree->nodes[i];
        uint64_t at = S_ISDIR(directory->mode) ? keeping->directories[i] : 0;
        for (size_t j = 0; at && j < directory->children_count; j++) {
            const struct cramfs_node *child = directory->children[j];
            entries[child->number] = at;
            at += CRAMFS_INODE_SIZE + cramfs_name_length(child->name);
        }
    }
}

/* Marks the erase blocks of entries that differ from the older image, even if their data stay. */
static void mark_entries(struct keeping *keeping)
{
    const struct cramfs_like *like = keeping->old->like;
    for (uint32_t i = 0; i < keeping->tree->nodes_count; i++) {
        const struct cramfs_node *node = keeping->tree->nodes[i];
        uint64_t at = keeping->entries[i];
        uint32_t padded = cramfs_name_length(node->name);
        struct cramfs_inode inode;
        if (!at)
            continue;
        bool same = at + CRAMFS_INODE_SIZE + padded <= like->reader->size;
        if (same) {
            cramfs_inode_decode(like->order, like->bytes + at, &inode);
            same = inode.mode == node->mode && inode.uid == node->uid && inode.gid == node->gid &&
                   inode.size == inode_size(node) && inode.name_length == padded &&
                   strncmp((const char *)like->bytes + at + CRAMFS_INODE_SIZE, node->name,
                           padded) == 0;
        }
        if (!same)
            erase_blocks_mark(&keeping->erase_blocks, at, CRAMFS_INODE_SIZE + padded);
    }
}

/* Whether all blocks of the table are to be stored. */
static bool is_raw(const struct keeping *keeping, uint32_t table)
{
    const struct cramfs_plan_options *options = keeping->options;
    const struct cramfs_node *node = keeping->tree->nodes[keeping->arrangement->tables[table].node];
    enum cramfs_xip xip =
        node->xip == CRAMFS_XIP_DEFAULT ? options->xip : (enum cramfs_xip)node->xip;
    return S_ISREG(node->mode) && !options->legacy && xip == CRAMFS_XIP_STORED;
}

static int prepare(struct keeping *keeping)
{
    const struct old_image *old = keeping->old;
    keeping->tables = calloc(keeping->arrangement->tables_count + 1, sizeof(*keeping->tables));
    keeping->directories = calloc(keeping->tree->nodes_count, sizeof(*keeping->directories));
    keeping->entries = calloc(keeping->tree->nodes_count, sizeof(*keeping->entries));
    keeping->in_place =
        calloc(keeping->encoded->store.blocks_count + 1, sizeof(*keeping->in_place));
    keeping->uses = calloc(old->blocks_count + 1, sizeof(*keeping->uses));
    keeping->table_of_file = malloc((old->files_count + 1) * sizeof(*keeping->table_of_file));
    if (erase_blocks_create(&keeping->erase_blocks, old->like->reader->size,
                            keeping->options->erase_block) != 0 ||
        !keeping->tables || !keeping->directories || !keeping->entries || !keeping->uses ||
        !keeping->in_place || !keeping->table_of_file)
        return -CRAMFS_ERR_MEMORY;
    for (size_t i = 0; i < old->files_count; i++)
        keeping->table_of_file[i] = NO_TABLE;
    for (uint32_t i = 0; i < keeping->arrangement->tables_count; i++)
        keeping->tables[i].raw = is_raw(keeping, i);
    return 0;
}

static void mark_in_place(const struct keeping *keeping)
{
    const struct encoded_tree *encoded = keeping->encoded;
    for (size_t i = 0; i < encoded->refs_count; i++) {
        uint32_t ref = encoded->refs[i];
        if (ref != REF_HOLE && encoded->store.blocks[ref].form == FORM_IN_PLACE)
            keeping->in_place[ref] = true;
    }
}

int keep(const struct cramfs_tree *tree, const struct cramfs_plan_options *options,
         struct encoded_tree *encoded, const struct arrangement *arrangement, struct old_image *old,
         bool prefer_moves, struct keeping *keeping)
{
    *keeping =
        (struct keeping){.tree = tree,
                         .options = options,
                         .encoded = encoded,
                         .arrangement = arrangement,
                         .old = old,
                         .prefer_moves = prefer_moves,
                         .gathers = prefer_moves && options->erase_block / 2 >= options->page_size};
    int error = prepare(keeping);
    if (!error) {
        mark_in_place(keeping);
        error = take_front(keeping);
    }
    if (!error)
        error = keep_directories(keeping, false);
    if (error)
        return error;
    place_entries(keeping, keeping->entries);
    mark_entries(keeping);
    error = pair_paths(keeping, SAME_INODE);
    if (!error)
        error = pair_paths(keeping, SAME_CONTENT);
    if (!error)
        error = pair_moved(keeping);
    /*
     * With prefer_moves, grown directories move, and leave their room to others. Without it, they
     * stay where room follows them.
     */
    if (!error && !prefer_moves)
        error = keep_directories(keeping, true);
    if (!error)
        error = pair_paths(keeping, SAME_TYPE);
    return error;
}

struct kept kept_of(const struct keeping *keeping)
{
    return (struct kept){
        .tables = keeping->tables,
        .slots = keeping->slots,
        .originals = keeping->old->originals,
        .originals_count = keeping->old->originals_count,
        .first_encoding = keeping->old->twins_count,
    };
}

void keeping_free(struct keeping *keeping)
{
    free(keeping->tables);
    free(keeping->slots);
    free(keeping->directories);
    free(keeping->entries);
    room_free(&keeping->room);
    erase_blocks_free(&keeping->erase_blocks);
    free(keeping->uses);
    free(keeping->in_place);
    free(keeping->table_of_file);
    memset(keeping, 0, sizeof(*keeping));
}
