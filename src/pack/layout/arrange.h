/*
 * Arranging: which inodes share a pointer table, and which copy of each block serves which pointer.
 */
#ifndef CRAMFS_PACK_LAYOUT_ARRANGE_H
#define CRAMFS_PACK_LAYOUT_ARRANGE_H

#include "pack/layout/arrangement.h"

/*
 * Fills *arrangement (which starts as {0}); free it in any case. May add blocks to the store.
 * Returns 0, -CRAMFS_ERR_MEMORY, or -CRAMFS_ERR_LIMIT if no pointer can reach a block (see
 * deflate_anyway() in arrange_chains.c).
 */
int arrange(const struct cramfs_tree *tree, const struct cramfs_plan_options *options,
            struct encoded_tree *encoded, struct arrangement *arrangement,
            struct cramfs_diags *diags);

/*
 * The second half of arrange(): list_tables() (of inodes.h) lists the tables, and this function
 * finds pieces for their slots. Slots that `kept` (may be NULL) keeps from an older image come
 * first. The other blocks of a table may then be placed apart from those.
 */
struct kept;
int arrange_tables(const struct cramfs_tree *tree, const struct cramfs_plan_options *options,
                   struct encoded_tree *encoded, const struct kept *kept,
                   struct arrangement *arrangement, struct cramfs_diags *diags);

#endif
