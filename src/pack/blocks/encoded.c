#include "pack/blocks/encoded.h"

#include <stdlib.h>
#include <string.h>

struct cramfs_selection *selection_of(const struct encoded_tree *encoded, uint32_t node)
{
    return &encoded->decisions[encoded->decision_of_node[node]].selection;
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
