#include "tree/layers/waiting.h"

#include <stdlib.h>

void layer_losses_free(struct cramfs_tree *tree)
{
    for (size_t i = 0; i < tree->layer_losses_count; i++)
        free(tree->layer_losses[i].lost);
    free(tree->layer_losses);
    tree->layer_losses = NULL;
    tree->layer_losses_count = 0;
    tree->layer_losses_capacity = 0;
}
