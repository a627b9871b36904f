#include "pack/blocks/older_entries.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/*
 * Finds the node at the path of each entry. An entry below a node that is not a directory has none.
 */
static void find_nodes(const struct cramfs_like *like, const struct cramfs_tree *tree,
                       const struct cramfs_node **nodes, uint32_t *entries)
{
    for (uint32_t i = 0; i < like->entries_count; i++) {
        const struct cramfs_like_entry *entry = &like->entries[i];
        char name[CRAMFS_MAX_NAME + 1] = {0};
        memcpy(name, entry->name, entry->name_bytes);
        if (entry->parent == CRAMFS_LIKE_NO_PARENT)
            nodes[i] = tree->root;
        else if (nodes[entry->parent] && S_ISDIR(nodes[entry->parent]->mode))
            nodes[i] = cramfs_tree_find(tree, nodes[entry->parent], name);
        /* Of two entries with one name the kernel finds the first. */
        if (nodes[i] && entries[nodes[i]->number] == NO_OLDER_ENTRY)
            entries[nodes[i]->number] = i;
    }
}

uint32_t *older_entries(const struct cramfs_like *like, const struct cramfs_tree *tree)
{
    const struct cramfs_node **nodes = calloc((size_t)like->entries_count + 1, sizeof(*nodes));
    uint32_t *entries = malloc((size_t)tree->nodes_count * sizeof(*entries));
    if (nodes && entries) {
        for (uint32_t i = 0; i < tree->nodes_count; i++)
            entries[i] = NO_OLDER_ENTRY;
        find_nodes(like, tree, nodes, entries);
    } else {
        free(entries);
        entries = NULL;
    }
    free(nodes);
    return entries;
}
