/*
 * A copy of everything that cutting changes, so that several cuts can be tried on one encoded tree.
 */
#ifndef CRAMFS_PACK_BUDGET_CUTS_UNCUT_H
#define CRAMFS_PACK_BUDGET_CUTS_UNCUT_H

#include "pack/blocks/encoded.h"

/* The lists of an encoded tree that cutting changes, as they were; and the sizes of its files. */
struct uncut_tree {
    bool kept; /* the copy is complete */
    uint32_t *refs;
    size_t refs_count;
    uint32_t *placed;
    struct content *contents;
    size_t mappings_count;
    struct decision *decisions;
    uint64_t *sizes; /* by node */
};

/*
 * Keeps a copy of what recut() changes. Returns 0 or -CRAMFS_ERR_MEMORY; free it in any case.
 */
int uncut_keep(const struct cramfs_tree *tree, const struct encoded_tree *encoded,
               struct uncut_tree *uncut);

/* Restores the tree from the copy, if there is one. Blocks that were added stay in the store. */
void uncut_restore(const struct uncut_tree *uncut, struct cramfs_tree *tree,
                   struct encoded_tree *encoded);
void uncut_free(struct uncut_tree *uncut);

#endif
