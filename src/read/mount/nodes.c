#include "read/mount/nodes.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/array.h"
#include "read/judge.h"

struct wanted_child {
    const struct cramfs_entry *list;
    uint32_t parent;
    const char *name;
    size_t length;
};

static uint64_t child_hash(uint32_t parent, const char *name, size_t length)
{
    return hash_mix(hash_bytes(name, length, 0), parent);
}

static bool is_child(void *context, uint32_t number)
{
    const struct wanted_child *wanted = context;
    const struct cramfs_entry *entry = &wanted->list[number];
    return entry->parent == wanted->parent && entry->name_bytes == wanted->length &&
           memcmp(entry->name, wanted->name, wanted->length) == 0;
}

uint32_t nodes_find(const struct nodes *nodes, uint32_t directory, const char *name, size_t length)
{
    struct wanted_child wanted = {nodes->entries->list, directory, name, length};
    uint32_t number;
    if (!hash_index_find(&nodes->by_name, child_hash(directory, name, length), is_child, &wanted,
                         &number))
        return CRAMFS_NO_ENTRY;
    return number;
}

/* Adds only the first entry of each name, so that many equal names cost no more than others. */
static int add_name(struct nodes *nodes, uint32_t number)
{
    const struct cramfs_entry *entry = &nodes->entries->list[number];
    if (!judge_name_sound(entry) ||
        nodes_find(nodes, entry->parent, entry->name, entry->name_bytes) != CRAMFS_NO_ENTRY)
        return 0;
    return hash_index_add(&nodes->by_name,
                          child_hash(entry->parent, entry->name, entry->name_bytes), number);
}

static bool is_node(const struct nodes *nodes, uint32_t number)
{
    const struct cramfs_entry *entry = &nodes->entries->list[number];
    return nodes_find(nodes, entry->parent, entry->name, entry->name_bytes) == number;
}

/* A counting sort by directory: counts, then beginnings, then the children in their order. */
static void sort_children(struct nodes *nodes)
{
    uint32_t count = nodes->entries->list_count;
    const struct cramfs_entry *list = nodes->entries->list;
    for (uint32_t i = 1; i < count; i++)
        nodes->first[list[i].parent + 1] += is_node(nodes, i);
    for (uint32_t i = 0; i < count; i++)
        nodes->first[i + 1] += nodes->first[i];
    /* While children are added, each beginning moves up to that of the next directory. */
    for (uint32_t i = 1; i < count; i++) {
        if (is_node(nodes, i))
            nodes->children[nodes->first[list[i].parent]++] = i;
    }
    memmove(nodes->first + 1, nodes->first, count * sizeof(*nodes->first));
    nodes->first[0] = 0;
}

/* If nothing stopped the walk, it ended exactly where the directory does. */
static int find_incomplete(struct nodes *nodes)
{
    uint32_t count = nodes->entries->list_count;
    const struct cramfs_entry *list = nodes->entries->list;
    uint64_t *reached = array_create(count, sizeof(*reached));
    if (!reached)
        return -CRAMFS_ERR_MEMORY;
    for (uint32_t i = 1; i < count; i++)
        reached[list[i].parent] =
            (uint64_t)list[i].offset + CRAMFS_INODE_SIZE + list[i].inode.name_length;
    for (uint32_t i = 0; i < count; i++) {
        const struct cramfs_inode *inode = &list[i].inode;
        uint64_t end = inode->size && inode->offset ? (uint64_t)inode->offset + inode->size : 0;
        nodes->incomplete[i] = S_ISDIR(inode->mode) && (!list[i].walked || reached[i] != end);
    }
    free(reached);
    return 0;
}

int nodes_create(const struct cramfs_entries *entries, struct nodes *nodes)
{
    uint32_t count = entries->list_count;
    *nodes = (struct nodes){
        .entries = entries,
        .children = array_create(count, sizeof(*nodes->children)),
        .first = array_create((uint64_t)count + 1, sizeof(*nodes->first)),
        .incomplete = array_create(count, sizeof(*nodes->incomplete)),
    };
    if (!nodes->children || !nodes->first || !nodes->incomplete)
        return -CRAMFS_ERR_MEMORY;
    int error = 0;
    for (uint32_t i = 1; !error && i < count; i++)
        error = add_name(nodes, i);
    if (!error)
        error = find_incomplete(nodes);
    if (!error)
        sort_children(nodes);
    return error;
}

void nodes_free(struct nodes *nodes)
{
    free(nodes->children);
    free(nodes->first);
    free(nodes->incomplete);
    hash_index_free(&nodes->by_name);
    *nodes = (struct nodes){0};
}

uint32_t nodes_count(const struct nodes *nodes, uint32_t directory)
{
    return nodes->first[directory + 1] - nodes->first[directory];
}

uint32_t nodes_child(const struct nodes *nodes, uint32_t directory, uint32_t index)
{
    return nodes->children[nodes->first[directory] + index];
}

bool nodes_incomplete(const struct nodes *nodes, uint32_t directory)
{
    return nodes->incomplete[directory];
}
