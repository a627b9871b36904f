#include "pack/layout/inodes.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "base/array.h"
#include "cramfs/diag.h"

bool same_inode(const struct cramfs_node *a, const struct cramfs_node *b)
{
    return a->mode == b->mode && a->uid == b->uid && a->gid == b->gid && a->size == b->size;
}

uint64_t inode_hash(uint32_t content, const struct cramfs_node *node)
{
    return hash_mix(hash_mix(content, node->mode), (uint64_t)node->uid << 32 | node->gid);
}

uint32_t inode_size(const struct cramfs_node *node)
{
    switch (node->mode & S_IFMT) {
    case S_IFDIR:
        return (uint32_t)cramfs_directory_size(node);
    case S_IFCHR:
    case S_IFBLK:
        return node->major << 8 | node->minor;
    case S_IFREG:
    case S_IFLNK:
        return (uint32_t)node->size;
    default:
        return 0;
    }
}

struct wanted_inode_table {
    const struct cramfs_tree *tree;
    const struct cramfs_node *node;
    uint32_t content;
    const struct arrangement *out;
};

static bool is_table(void *context, uint32_t number)
{
    const struct wanted_inode_table *wanted = context;
    const struct table *table = &wanted->out->tables[number];
    return table->content == wanted->content &&
           same_inode(wanted->tree->nodes[table->node], wanted->node);
}

static int list_table(const struct cramfs_tree *tree, const struct encoded_tree *encoded,
                      const struct cramfs_node *node, struct hash_index *index,
                      struct arrangement *out)
{
    uint32_t content = encoded->content_of_node[node->number];
    uint32_t *number = &out->table_of_node[node->number];
    *number = NO_TABLE;
    if (content == NO_CONTENT)
        return 0;
    uint64_t hash = inode_hash(content, node);
    struct wanted_inode_table wanted = {tree, node, content, out};
    if (hash_index_find(index, hash, is_table, &wanted, number)) {
        out->inodes_shared++;
        return 0;
    }
    if (!ARRAY_GROW(out, tables))
        return -CRAMFS_ERR_MEMORY;
    *number = (uint32_t)out->tables_count++;
    out->tables[*number] = (struct table){.node = node->number, .content = content};
    return hash_index_add(index, hash, *number);
}

int list_tables(const struct cramfs_tree *tree, const struct encoded_tree *encoded,
                struct arrangement *arrangement)
{
    struct hash_index index = {0};
    arrangement->table_of_node = malloc(tree->nodes_count * sizeof(*arrangement->table_of_node));
    int error = arrangement->table_of_node ? 0 : -CRAMFS_ERR_MEMORY;
    for (uint32_t i = 0; !error && i < tree->nodes_count; i++)
        error = list_table(tree, encoded, tree->nodes[i], &index, arrangement);
    hash_index_free(&index);
    return error;
}
