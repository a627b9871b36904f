/*
 * An encoded tree: blocks, which of them each content is made of, and what was decided of each
 * file.
 */
#ifndef CRAMFS_PACK_BLOCKS_ENCODED_H
#define CRAMFS_PACK_BLOCKS_ENCODED_H

#include "cramfs/plan.h"
#include "pack/blocks/store.h"

#define NO_CONTENT UINT32_MAX

/* What a file holds: `refs_count` blocks (numbers in the store, or REF_HOLE). */
struct content {
    size_t first_ref;
    uint32_t refs_count;
    uint32_t size;        /* of the file, bytes */
    size_t first_mapping; /* that its pages in place are for */
    size_t mappings_count;
};

/* What was decided of a file: of one with pages in place, or of all others with that selection. */
struct decision {
    struct cramfs_selection selection; /* its mappings are in the list of all */
    size_t first_mapping;
    uint32_t most_cuts;  /* of its read-only segments; 0: none, selection.uncut says why */
    uint64_t bytes_hash; /* of the file, where there may be cuts */
};

struct encoded_tree {
    struct block_store store;
    uint32_t *refs;
    size_t refs_count;
    size_t refs_capacity;
    uint32_t *placed; /* beside each ref the block in place that it may be instead, or NO_BLOCK */
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
    bool files_lost; /* files could not be read, and were left out of the tree, which allows it */
};

/* What was decided of the regular file with that number, which has bytes. */
struct cramfs_selection *selection_of(const struct encoded_tree *encoded, uint32_t node);

void encoded_tree_free(struct encoded_tree *encoded);

#endif
