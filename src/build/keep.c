#include "build/keep.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cramfs/block.h"

void keep_mark(struct keeping *keeping, uint64_t offset, uint64_t length)
{
    uint64_t unit = keeping->options->erase_block;
    for (uint64_t i = offset / unit; length && i <= (offset + length - 1) / unit; i++) {
        if (i < keeping->changed_count)
            keeping->changed[i] = true;
    }
}

static const struct cramfs_like_entry *old_entry(const struct keeping *keeping,
                                                 const struct cramfs_node *node)
{
    uint32_t entry = keeping->old->entry_of_node[node->number];
    return entry == OLD_NONE ? NULL : &keeping->old->like->entries[entry];
}

static bool same_owner(const struct cramfs_like_entry *entry, const struct cramfs_node *node)
{
    return entry->inode.mode == node->mode && entry->inode.uid == node->uid &&
           entry->inode.gid == node->gid;
}

/* Superblock, what is inserted, and the root's entries: what stands in front of all else. */
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
    keep_mark(keeping, 0, CRAMFS_BOOT_SIZE + CRAMFS_SUPER_SIZE);
    int error = room_take(&keeping->room, 0, keeping->front);
    if (!error && keeping->old->zero_word >= keeping->front) {
        keeping->zero_word = keeping->old->zero_word;
        error = room_take(&keeping->room, keeping->zero_word, CRAMFS_DIRECT_PREFIX);
    }
    return error;
}

/* A directory stays where it still has room. */
static int keep_directory(struct keeping *keeping, const struct cramfs_node *node, bool grown)
{
    const struct cramfs_like_entry *entry = old_entry(keeping, node);
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

/* By node: where entries are in directories that stay. */
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

uint64_t keep_entry_offset(const struct keeping *keeping, const struct cramfs_node *node)
{
    return keeping->entries[node->number];
}

static uint32_t size_of(const struct cramfs_node *node)
{
    return S_ISDIR(node->mode)                          ? (uint32_t)cramfs_directory_size(node)
           : S_ISREG(node->mode) || S_ISLNK(node->mode) ? (uint32_t)node->size
           : S_ISCHR(node->mode) || S_ISBLK(node->mode) ? node->major << 8 | node->minor
                                                        : 0;
}

/* Entries that are not what stood there, whatever becomes of their data. */
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
                   inode.size == size_of(node) && inode.name_length == padded &&
                   strncmp((const char *)like->bytes + at + CRAMFS_INODE_SIZE, node->name,
                           padded) == 0;
        }
        if (!same)
            keep_mark(keeping, at, CRAMFS_INODE_SIZE + padded);
    }
}

static const struct content *content_of(const struct keeping *keeping, uint32_t table)
{
    return &keeping->encoded->contents[keeping->arrangement->tables[table].content];
}

bool keep_raw(const struct keeping *keeping, uint32_t table)
{
    const struct cramfs_plan_options *options = keeping->options;
    const struct cramfs_node *node = keeping->tree->nodes[keeping->arrangement->tables[table].node];
    enum cramfs_xip xip =
        node->xip == CRAMFS_XIP_DEFAULT ? options->xip : (enum cramfs_xip)node->xip;
    return S_ISREG(node->mode) && !options->legacy && xip == CRAMFS_XIP_STORED;
}

static bool equal(const struct keeping *keeping, uint32_t table, uint32_t file)
{
    return old_equals(keeping->old, keeping->encoded, &keeping->old->files[file],
                      content_of(keeping, table), keep_raw(keeping, table));
}

/* How alike a table and what was at a path of its must be to be taken for the same. */
enum likeness { SAME_INODE, SAME_CONTENT, SAME_TYPE };

static bool alike(const struct keeping *keeping, const struct cramfs_node *node, uint32_t table,
                  uint32_t file, enum likeness likeness)
{
    const struct cramfs_like_entry *entry = old_entry(keeping, node);
    if (likeness == SAME_TYPE)
        return (entry->inode.mode & S_IFMT) == (node->mode & S_IFMT);
    if (likeness == SAME_INODE && !same_owner(entry, node))
        return false;
    return equal(keeping, table, file);
}

static int claim_paths(struct keeping *keeping, enum likeness likeness)
{
    int error = 0;
    for (uint32_t i = 0; !error && i < keeping->tree->nodes_count; i++) {
        const struct cramfs_node *node = keeping->tree->nodes[i];
        uint32_t table = keeping->arrangement->table_of_node[i];
        uint32_t entry = keeping->old->entry_of_node[i];
        uint32_t file = entry == OLD_NONE ? OLD_NONE : keeping->old->file_of_entry[entry];
        if (table == NO_TABLE || file == OLD_NONE || keeping->tables[table].claimed ||
            keeping->claims[file] != NO_TABLE)
            continue;
        if (alike(keeping, node, table, file, likeness))
            error = keep_table(keeping, table, file);
    }
    return error;
}

/* Old files that nothing has claimed, by what is in them: of those with the same a list. */
struct unclaimed {
    struct hash_index index; /* of one file of each list */
    uint32_t *first;         /* by that file: the first of its list; OLD_NONE: there is none left */
    uint32_t *next;          /* by file: the next with the same in it, or OLD_NONE */
};

/* The file whose list is of this hash; OLD_NONE if none is. */
static uint32_t find_list(const struct keeping *keeping, const struct unclaimed *unclaimed,
                          uint64_t hash)
{
    uint32_t file;
    size_t cursor = 0;
    while (hash_index_next(&unclaimed->index, hash, &cursor, &file)) {
        if (old_file_hash(keeping->old, &keeping->old->files[file]) == hash)
            return file;
    }
    return OLD_NONE;
}

static int list_unclaimed(const struct keeping *keeping, struct unclaimed *unclaimed)
{
    size_t count = keeping->old->files_count;
    int error = 0;
    unclaimed->first = malloc((count + 1) * sizeof(*unclaimed->first));
    unclaimed->next = malloc((count + 1) * sizeof(*unclaimed->next));
    if (!unclaimed->first || !unclaimed->next)
        return -CRAMFS_ERR_MEMORY;
    for (uint32_t i = (uint32_t)count; !error && i-- > 0;) {
        if (keeping->claims[i] != NO_TABLE)
            continue;
        uint64_t hash = old_file_hash(keeping->old, &keeping->old->files[i]);
        uint32_t list = find_list(keeping, unclaimed, hash);
        if (list == OLD_NONE)
            error = hash_index_add(&unclaimed->index, hash, i);
        unclaimed->next[i] = list == OLD_NONE ? OLD_NONE : unclaimed->first[list];
        unclaimed->first[list == OLD_NONE ? i : list] = i;
    }
    return error;
}

/* What is somewhere else now, with the same in it. */
static int claim_unclaimed(struct keeping *keeping, struct unclaimed *unclaimed)
{
    int error = 0;
    for (uint32_t i = 0; !error && i < keeping->arrangement->tables_count; i++) {
        if (keeping->tables[i].claimed)
            continue;
        uint64_t hash = old_content_hash(keeping->old, keeping->encoded, content_of(keeping, i));
        uint32_t list = find_list(keeping, unclaimed, hash);
        uint32_t file = list == OLD_NONE ? OLD_NONE : unclaimed->first[list];
        if (file == OLD_NONE || !equal(keeping, i, file))
            continue;
        unclaimed->first[list] = unclaimed->next[file];
        error = keep_table(keeping, i, file);
    }
    return error;
}

static int claim_moved(struct keeping *keeping)
{
    struct unclaimed unclaimed = {0};
    int error = list_unclaimed(keeping, &unclaimed);
    if (!error)
        error = claim_unclaimed(keeping, &unclaimed);
    hash_index_free(&unclaimed.index);
    free(unclaimed.first);
    free(unclaimed.next);
    return error;
}

static int prepare(struct keeping *keeping)
{
    const struct old_image *old = keeping->old;
    uint64_t unit = keeping->options->erase_block;
    keeping->changed_count = (old->like->reader->size + unit - 1) / unit;
    keeping->changed = calloc(keeping->changed_count + 1, sizeof(*keeping->changed));
    keeping->tables = calloc(keeping->arrangement->tables_count + 1, sizeof(*keeping->tables));
    keeping->directories = calloc(keeping->tree->nodes_count, sizeof(*keeping->directories));
    keeping->entries = calloc(keeping->tree->nodes_count, sizeof(*keeping->entries));
    keeping->in_place =
        calloc(keeping->encoded->store.blocks_count + 1, sizeof(*keeping->in_place));
    keeping->uses = calloc(old->blocks_count + 1, sizeof(*keeping->uses));
    keeping->claims = malloc((old->files_count + 1) * sizeof(*keeping->claims));
    if (!keeping->changed || !keeping->tables || !keeping->directories || !keeping->entries ||
        !keeping->uses || !keeping->in_place || !keeping->claims)
        return -CRAMFS_ERR_MEMORY;
    for (size_t i = 0; i < old->files_count; i++)
        keeping->claims[i] = NO_TABLE;
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
    *keeping = (struct keeping){.tree = tree,
                                .options = options,
                                .encoded = encoded,
                                .arrangement = arrangement,
                                .old = old,
                                .prefer_moves = prefer_moves};
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
    error = claim_paths(keeping, SAME_INODE);
    if (!error)
        error = claim_paths(keeping, SAME_CONTENT);
    if (!error)
        error = claim_moved(keeping);
    if (!error)
        error = keep_directories(keeping, true);
    if (!error)
        error = claim_paths(keeping, SAME_TYPE);
    return error;
}

void keeping_free(struct keeping *keeping)
{
    free(keeping->tables);
    free(keeping->slots);
    free(keeping->directories);
    free(keeping->entries);
    room_free(&keeping->room);
    free(keeping->changed);
    free(keeping->uses);
    free(keeping->in_place);
    free(keeping->claims);
    memset(keeping, 0, sizeof(*keeping));
}
