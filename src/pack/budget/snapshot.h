/*
 * A copy of everything in an encoded tree that cutting files and choosing pages change. It serves
 * to try several choices on one tree, and to keep the best.
 */
#ifndef CRAMFS_PACK_BUDGET_SNAPSHOT_H
#define CRAMFS_PACK_BUDGET_SNAPSHOT_H

#include "pack/blocks/encoded.h"

struct snapshot {
    bool taken; /* the copy is complete */
    uint32_t *refs;
    size_t refs_count;
    uint32_t *placed;
    struct content *contents;
    struct decision *decisions;
    uint64_t *sizes; /* of the files, by node */
};

/*
 * Copies. `snapshot` is {0}, or has an older copy, which is replaced. Returns 0 or
 * -CRAMFS_ERR_MEMORY; free it in any case.
 */
int snapshot_take(const struct cramfs_tree *tree, const struct encoded_tree *encoded,
                  struct snapshot *snapshot);

/*
 * Changes the tree back to the copy, if there is one. Blocks and mappings that were added since
 * stay in their lists. Returns 0 or -CRAMFS_ERR_MEMORY; then the tree does not change.
 */
int snapshot_restore(const struct snapshot *snapshot, struct cramfs_tree *tree,
                     struct encoded_tree *encoded);
void snapshot_free(struct snapshot *snapshot);

#endif
