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

/* While tables are listed: most contents have one, so few are in the index. */
struct listed_tables {
    uint32_t *first_of_content; /* or NO_TABLE */
    struct hash_index others;
};

static int add_table(struct listed_tables *listed, const struct wanted_inode_table *wanted,
                     struct arrangement *out, uint32_t *number)
{
    uint32_t *first = &listed->first_of_content[wanted->content];
    if (!ARRAY_GROW(out, tables))
        return -CRAMFS_ERR_MEMORY;
    *number = (uint32_t)out->tables_count++;
    out->tables[*number] = (struct table){.node = wanted->node->number, .content = wanted->content};
    if (*first != NO_TABLE)
        return hash_index_add(&listed->others, inode_hash(wanted->content, wanted->node), *number);
    *first = *number;
    return 0;
}

static int list_table(const struct cramfs_tree *tree, const struct encoded_tree *encoded,
                      const struct cramfs_node *node, struct listed_tables *listed,
                      struct arrangement *out)
{
    uint32_t content = encoded->content_of_node[node->number];
    uint32_t *number = &out->table_of_node[node->number];
    *number = NO_TABLE;
    if (content == NO_CONTENT)
        return 0;
    struct wanted_inode_table wanted = {tree, node, content, out};
    uint32_t first = listed->first_of_content[content];
    if (first != NO_TABLE && is_table(&wanted, first))
        *number = first;
    else if (first == NO_TABLE || !hash_index_find(&listed->others, inode_hash(content, node),
                                                   is_table, &wanted, number))
        return add_table(listed, &wanted, out, number);
    out->inodes_shared++;
    return 0;
}

int list_tables(const struct cramfs_tree *tree, const struct encoded_tree *encoded,
                struct arrangement *arrangement)
{
    struct listed_tables listed = {
        .first_of_content = array_create((uint64_t)encoded->contents_count + 1, sizeof(uint32_t))};
    arrangement->table_of_node = malloc(tree->nodes_count * sizeof(*arrangement->table_of_node));
    bool made = listed.first_of_content && arrangement->table_of_node;
    int error = made ? 0 : -CRAMFS_ERR_MEMORY;
    for (size_t i = 0; made && i < encoded->contents_count; i++)
        listed.first_of_content[i] = NO_TABLE;
    for (uint32_t i = 0; !error && i < tree->nodes_count; i++)
        error = list_table(tree, encoded, tree->nodes[i], &listed, arrangement);
    free(listed.first_of_content);
    hash_index_free(&listed.others);
    return error;
}
