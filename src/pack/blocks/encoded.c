#include "pack/blocks/encoded.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"

struct cramfs_selection *selection_of(const struct encoded_tree *encoded, uint32_t node)
{
    return &encoded->decisions[encoded->decision_of_node[node]].selection;
}

int encoded_add_mappings(struct encoded_tree *encoded, const struct cramfs_selection *selection,
                         size_t *first)
{
    size_t count = selection->mappings_count;
    *first = encoded->mappings_count;
    if (!array_reserve(&encoded->mappings, sizeof(*encoded->mappings), encoded->mappings_count,
                       &encoded->mappings_capacity, count))
        return -CRAMFS_ERR_MEMORY;
    if (count)
        memcpy(&encoded->mappings[*first], selection->mappings, count * sizeof(*encoded->mappings));
    encoded->mappings_count += count;
    return 0;
}

void encoded_tree_free(struct encoded_tree *encoded)
{
    block_store_free(&encoded->store);
    free(encoded->refs);
    free(encoded->placed);
    free(encoded->mappings);
    free(encoded->contents);
    free(encoded->content_of_node);
    free(encoded->decisions);
    free(encoded->decision_of_node);
    memset(encoded, 0, sizeof(*encoded));
}
