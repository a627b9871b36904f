/*
 * An encoded tree: its blocks, the list of blocks of each content, and the decision for each file.
 */
#ifndef CRAMFS_PACK_BLOCKS_ENCODED_H
#define CRAMFS_PACK_BLOCKS_ENCODED_H

#include "cramfs/plan.h"
#include "pack/blocks/store.h"

#define NO_CONTENT UINT32_MAX

/* The blocks of a file: `refs_count` numbers in the store, or REF_HOLE. */
struct content {
    size_t first_ref;
    uint32_t refs_count;
    uint32_t size;        /* of the file, bytes */
    size_t first_mapping; /* the first of the mappings for which its pages may go in place */
    size_t mappings_count;
};

/* The decision for one file with pages in place, or for all files with an equal selection. */
struct decision {
    struct cramfs_selection selection; /* its mappings are in the list of all mappings */
    size_t first_mapping;
    uint32_t most_cuts;  /* of its read-only segments; 0: none, and selection.uncut says why */
    uint64_t bytes_hash; /* of the file, if it may be cut */
};

struct encoded_tree {
    struct block_store store;
    uint32_t *refs;
    size_t refs_count;
    size_t refs_capacity;
    uint32_t *placed; /* for each ref, the block in place that it may become, or NO_BLOCK */
    size_t placed_capacity;
    struct cramfs_mapping *mappings;
    size_t mappings_count;
    size_t mappings_capacity;
    struct content *contents;
    size_t contents_count;
    size_t contents_capacity;
    uint32_t *content_of_node; /* by node number; NO_CONTENT for nodes without bytes */
    struct decision *decisions;
    size_t decisions_count;
    size_t decisions_capacity;
    uint32_t *decision_of_node; /* for regular files with bytes */
    bool files_lost;            /* unreadable files were left out, as the tree allows */
};

/* The selection of the regular file with that number, which is not empty. */
struct cramfs_selection *selection_of(const struct encoded_tree *encoded, uint32_t node);

/*
 * Adds the mappings of a selection to the list of all mappings; the first one is *first there.
 * Returns 0 or -CRAMFS_ERR_MEMORY.
 */
int encoded_add_mappings(struct encoded_tree *encoded, const struct cramfs_selection *selection,
                         size_t *first);

void encoded_tree_free(struct encoded_tree *encoded);

#endif
