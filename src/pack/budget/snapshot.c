#include "pack/budget/snapshot.h"

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

int snapshot_take(const struct cramfs_tree *tree, const struct encoded_tree *encoded,
                  struct snapshot *snapshot)
{
    snapshot_free(snapshot);
    *snapshot = (struct snapshot){
        .refs = copy_of(encoded->refs, encoded->refs_count, sizeof(*encoded->refs)),
        .refs_count = encoded->refs_count,
        .placed = copy_of(encoded->placed, encoded->refs_count, sizeof(*encoded->placed)),
        .contents = copy_of(encoded->contents, encoded->contents_count, sizeof(*encoded->contents)),
        .decisions =
            copy_of(encoded->decisions, encoded->decisions_count, sizeof(*encoded->decisions)),
        .sizes = array_create((uint64_t)tree->nodes_count + 1, sizeof(*snapshot->sizes)),
    };
    if (!snapshot->refs || !snapshot->placed || !snapshot->contents || !snapshot->decisions ||
        !snapshot->sizes)
        return -CRAMFS_ERR_MEMORY;
    for (uint32_t i = 0; i < tree->nodes_count; i++)
        snapshot->sizes[i] = tree->nodes[i]->size;
    snapshot->taken = true;
    return 0;
}

int snapshot_restore(const struct snapshot *snapshot, struct cramfs_tree *tree,
                     struct encoded_tree *encoded)
{
    size_t count = snapshot->refs_count;
    if (!snapshot->taken)
        return 0;
    if (!array_reserve(&encoded->refs, sizeof(*encoded->refs), 0, &encoded->refs_capacity, count) ||
        !array_reserve(&encoded->placed, sizeof(*encoded->placed), 0, &encoded->placed_capacity,
                       count))
        return -CRAMFS_ERR_MEMORY;
    if (count) {
        memcpy(encoded->refs, snapshot->refs, count * sizeof(*snapshot->refs));
        memcpy(encoded->placed, snapshot->placed, count * sizeof(*snapshot->placed));
    }
    if (encoded->contents_count)
        memcpy(encoded->contents, snapshot->contents,
               encoded->contents_count * sizeof(*snapshot->contents));
    if (encoded->decisions_count)
        memcpy(encoded->decisions, snapshot->decisions,
               encoded->decisions_count * sizeof(*snapshot->decisions));
    encoded->refs_count = count;
    for (uint32_t i = 0; i < tree->nodes_count; i++)
        tree->nodes[i]->size = snapshot->sizes[i];
    return 0;
}

void snapshot_free(struct snapshot *snapshot)
{
    free(snapshot->refs);
    free(snapshot->placed);
    free(snapshot->contents);
    free(snapshot->decisions);
    free(snapshot->sizes);
    *snapshot = (struct snapshot){0};
}
