#include "pack/budget/cuts/uncut.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"

static void *copy_of(const void *from, size_t count, size_t element)
{
    void *to = array_create((uint64_t)count + 1, element);
    if (to && count)
        memcpy(to, from, count * element);
    return to;
}

int uncut_keep(const struct cramfs_tree *tree, const struct encoded_tree *encoded,
               struct uncut_tree *uncut)
{
    *uncut = (struct uncut_tree){
        .refs = copy_of(encoded->refs, encoded->refs_count, sizeof(*encoded->refs)),
        .refs_count = encoded->refs_count,
        .placed = copy_of(encoded->placed, encoded->refs_count, sizeof(*encoded->placed)),
        .contents = copy_of(encoded->contents, encoded->contents_count, sizeof(*encoded->contents)),
        .mappings_count = encoded->mappings_count,
        .decisions =
            copy_of(encoded->decisions, encoded->decisions_count, sizeof(*encoded->decisions)),
        .sizes = array_create((uint64_t)tree->nodes_count + 1, sizeof(*uncut->sizes)),
    };
    if (!uncut->refs || !uncut->placed || !uncut->contents || !uncut->decisions || !uncut->sizes)
        return -CRAMFS_ERR_MEMORY;
    for (uint32_t i = 0; i < tree->nodes_count; i++)
        uncut->sizes[i] = tree->nodes[i]->size;
    uncut->kept = true;
    return 0;
}

/* A cut content has at least as many refs as before, so there is room for the old ones. */
void uncut_restore(const struct uncut_tree *uncut, struct cramfs_tree *tree,
                   struct encoded_tree *encoded)
{
    if (!uncut->kept)
        return;
    memcpy(encoded->refs, uncut->refs, uncut->refs_count * sizeof(*uncut->refs));
    memcpy(encoded->placed, uncut->placed, uncut->refs_count * sizeof(*uncut->placed));
    memcpy(encoded->contents, uncut->contents, encoded->contents_count * sizeof(*uncut->contents));
    memcpy(encoded->decisions, uncut->decisions,
           encoded->decisions_count * sizeof(*uncut->decisions));
    encoded->refs_count = uncut->refs_count;
    encoded->mappings_count = uncut->mappings_count;
    for (uint32_t i = 0; i < tree->nodes_count; i++)
        tree->nodes[i]->size = uncut->sizes[i];
}

void uncut_free(struct uncut_tree *uncut)
{
    free(uncut->refs);
    free(uncut->placed);
    free(uncut->contents);
    free(uncut->decisions);
    free(uncut->sizes);
}
