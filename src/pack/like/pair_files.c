/*
 * Which table takes the place of which old file.
 *
 * Invariant: a file has at most one table and a table at most one file. Tables are tried in path
 * order, so the first of several equal files at new paths gets the first old file.
 */
#include <stdlib.h>
#include <sys/stat.h>

#include "pack/like/keep.h"

static bool same_owner(const struct cramfs_like_entry *entry, const struct cramfs_node *node)
{
    return entry->inode.mode == node->mode && entry->inode.uid == node->uid &&
           entry->inode.gid == node->gid;
}

static const struct content *content_of(const struct keeping *keeping, uint32_t table)
{
    return &keeping->encoded->contents[keeping->arrangement->tables[table].content];
}

static bool equal(const struct keeping *keeping, uint32_t table, uint32_t file)
{
    return old_equals(keeping->old, keeping->encoded, &keeping->old->files[file],
                      content_of(keeping, table), keeping->tables[table].raw);
}

static bool alike(const struct keeping *keeping, const struct cramfs_node *node, uint32_t table,
                  uint32_t file, enum likeness likeness)
{
    const struct cramfs_like_entry *entry = keep_old_entry(keeping, node);
    if (likeness == SAME_TYPE)
        return (entry->inode.mode & S_IFMT) == (node->mode & S_IFMT);
    if (likeness == SAME_INODE && !same_owner(entry, node))
        return false;
    return equal(keeping, table, file);
}

int pair_paths(struct keeping *keeping, enum likeness likeness)
{
    int error = 0;
    for (uint32_t i = 0; !error && i < keeping->tree->nodes_count; i++) {
        const struct cramfs_node *node = keeping->tree->nodes[i];
        uint32_t table = keeping->arrangement->table_of_node[i];
        uint32_t entry = keeping->old->entry_of_node[i];
        uint32_t file = entry == OLD_NONE ? OLD_NONE : keeping->old->file_of_entry[entry];
        if (table == NO_TABLE || file == OLD_NONE || keeping->tables[table].paired ||
            keeping->table_of_file[file] != NO_TABLE)
            continue;
        if (alike(keeping, node, table, file, likeness))
            error = keep_table(keeping, table, file);
    }
    return error;
}

/* Old files without a table, in lists of files with the same content. */
struct unpaired {
    struct hash_index index; /* of one file of each list */
    uint32_t *first;         /* by that file: the first of its list; OLD_NONE: the list is empty */
    uint32_t *next;          /* by file: the next with the same content, or OLD_NONE */
};

struct wanted_list {
    const struct old_image *old;
    uint64_t hash;
};

/* Equal hashes are enough: if the contents differ, pairing only costs erase blocks. */
static bool has_hash(void *context, uint32_t file)
{
    const struct wanted_list *wanted = context;
    return old_file_hash(wanted->old, &wanted->old->files[file]) == wanted->hash;
}

/* The file whose list has this hash; OLD_NONE if there is none. */
static uint32_t find_list(const struct keeping *keeping, const struct unpaired *unpaired,
                          uint64_t hash)
{
    uint32_t file;
    struct wanted_list wanted = {keeping->old, hash};
    return hash_index_find(&unpaired->index, hash, has_hash, &wanted, &file) ? file : OLD_NONE;
}

static int list_unpaired(const struct keeping *keeping, struct unpaired *unpaired)
{
    size_t count = keeping->old->files_count;
    int error = 0;
    unpaired->first = malloc((count + 1) * sizeof(*unpaired->first));
    unpaired->next = malloc((count + 1) * sizeof(*unpaired->next));
    if (!unpaired->first || !unpaired->next)
        return -CRAMFS_ERR_MEMORY;
    for (uint32_t i = (uint32_t)count; !error && i-- > 0;) {
        if (keeping->table_of_file[i] != NO_TABLE)
            continue;
        uint64_t hash = old_file_hash(keeping->old, &keeping->old->files[i]);
        uint32_t list = find_list(keeping, unpaired, hash);
        if (list == OLD_NONE)
            error = hash_index_add(&unpaired->index, hash, i);
        unpaired->next[i] = list == OLD_NONE ? OLD_NONE : unpaired->first[list];
        unpaired->first[list == OLD_NONE ? i : list] = i;
    }
    return error;
}

/* Pairs tables with old files of the same content at another path. */
static int pair_rest(struct keeping *keeping, struct unpaired *unpaired)
{
    int error = 0;
    for (uint32_t i = 0; !error && i < keeping->arrangement->tables_count; i++) {
        if (keeping->tables[i].paired)
            continue;
        uint64_t hash = old_content_hash(keeping->old, keeping->encoded, content_of(keeping, i));
        uint32_t list = find_list(keeping, unpaired, hash);
        uint32_t file = list == OLD_NONE ? OLD_NONE : unpaired->first[list];
        if (file == OLD_NONE || !equal(keeping, i, file))
            continue;
        unpaired->first[list] = unpaired->next[file];
        error = keep_table(keeping, i, file);
    }
    return error;
}

int pair_moved(struct keeping *keeping)
{
    struct unpaired unpaired = {0};
    int error = list_unpaired(keeping, &unpaired);
    if (!error)
        error = pair_rest(keeping, &unpaired);
    hash_index_free(&unpaired.index);
    free(unpaired.first);
    free(unpaired.next);
    return error;
}
