/*
 * Encoding: every file and link becomes a list of encoded blocks.
 *
 * The pages of all files go through a worker pool in batches and come back in order; the results
 * fill the block store, and files whose lists are equal have one content.
 */
#ifndef CRAMFS_PACK_BLOCKS_ENCODE_H
#define CRAMFS_PACK_BLOCKS_ENCODE_H

#include "cramfs/plan.h"
#include "pack/blocks/encoded.h"

struct older_page; /* block_bytes.h */

/* A source of pages that are encoded already: an older image. */
struct older_pages {
    /*
     * Fills in a deflated or stored block that may hold page `page` of the node: `length` bytes,
     * which are `raw`. The encoder compares them, and if they are equal takes the block's data
     * without a copy. Without a candidate *older stays as it is, {0}. The data must outlive the
     * encoded tree. The answer depends only on the arguments and on the data that `context` was
     * made from.
     */
    void (*find)(void *context, uint32_t node, uint32_t page, const void *raw, uint32_t length,
                 struct older_page *older);
    void *context;
};

/*
 * Fills *encoded (which starts as {0}); free it in any case. `older` may be NULL. Errors as
 * cramfs_plan_create(). If encoded->files_lost is set, finish the tree and encode it again.
 */
int encode_tree(struct cramfs_tree *tree, const struct cramfs_plan_options *options,
                const struct older_pages *older, struct encoded_tree *encoded,
                struct cramfs_diags *diags);

#endif
