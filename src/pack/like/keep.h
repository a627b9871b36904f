/*
 * Keeping: what of an older image stays where it is.
 *
 * A table of the new image takes the place of one old file at most: that with the same path and
 * content, else one with its content elsewhere (a file that was renamed), else what was at its path
 * before it was changed. Then slot by slot:
 *
 *  - a block with the same content stays, if its pointer still leads there: directly, or from the
 *    end of the block before it, which has stayed, too;
 *  - a changed deflated block that is no longer than the old one takes its place, with zeroes
 *    behind it, which kernels ignore; a stored one must have its length;
 *  - what is behind a block that did neither finds a new place, up to the next direct pointer;
 *  - a run in place stays when it still has room there.
 *
 * The superblock, what is inserted behind it and the root's entries stand where the format wants
 * them, and what was there before makes way.
 */
#ifndef CRAMFS_PACK_LIKE_KEEP_H
#define CRAMFS_PACK_LIKE_KEEP_H

#include "base/erase_blocks.h"
#include "pack/layout/arrange.h"
#include "pack/layout/kept.h"
#include "pack/like/old.h"
#include "pack/like/room.h"

struct keeping {
    const struct cramfs_tree *tree;
    const struct cramfs_plan_options *options;
    struct encoded_tree *encoded;
    const struct arrangement *arrangement; /* its tables, which are listed already */
    struct old_image *old;
    bool prefer_moves; /* pack what changed together, where that is less than erase blocks cost */
    bool gathers;      /* runs that are rewritten may do so, too: their erase blocks may stay */
    struct kept_table *tables;
    struct kept_slot *slots;
    size_t slots_count;
    size_t slots_capacity;
    uint32_t *directories; /* by node: where its entries stay; 0: nowhere, or it has none */
    uint64_t *entries;     /* by node: where its entry is, in a directory that stays; 0 */
    struct room room;      /* what stays */
    struct erase_blocks erase_blocks;
    uint64_t zero_word;      /* where one stays that direct pointers of holes lead to; 0 */
    uint64_t front;          /* where the root's entries end */
    unsigned char *uses;     /* by old block */
    bool *in_place;          /* by block of the store: some file has it in place */
    uint32_t *table_of_file; /* by old file: the table that has paired it; NO_TABLE */
};

/*
 * Decides for all tables of an arrangement (list_tables() has listed them, and nothing else is in
 * it), and for the directories. May add blocks to the store: old encodings, and new ones with
 * zeroes behind them. Returns 0 or -CRAMFS_ERR_MEMORY; free it in any case.
 */
int keep(const struct cramfs_tree *tree, const struct cramfs_plan_options *options,
         struct encoded_tree *encoded, const struct arrangement *arrangement, struct old_image *old,
         bool prefer_moves, struct keeping *keeping);

/* What arranging needs of it; it is as long as *keeping is. */
struct kept kept_of(const struct keeping *keeping);
void keeping_free(struct keeping *keeping);

/* How alike a table and what was at a path of its must be to be taken for the same. */
enum likeness { SAME_INODE, SAME_CONTENT, SAME_TYPE };

/*
 * For keep.c: tables without an old file take the place of those that nobody has: what is at one of
 * their paths, if it is alike, and what is somewhere else, with the same in it. Return as keep().
 */
int pair_paths(struct keeping *keeping, enum likeness likeness);
int pair_moved(struct keeping *keeping);

/* For pair_files.c: the table takes the place of the old file. Returns as keep(). */
int keep_table(struct keeping *keeping, uint32_t table, uint32_t file);

/* What was at the node's path; NULL: nothing. */
static inline const struct cramfs_like_entry *keep_old_entry(const struct keeping *keeping,
                                                             const struct cramfs_node *node)
{
    uint32_t entry = keeping->old->entry_of_node[node->number];
    return entry == OLD_NONE ? NULL : &keeping->old->like->entries[entry];
}

/* Where the entry of a node is in the image, when its directory stays; 0 else. */
static inline uint64_t keep_entry_offset(const struct keeping *keeping,
                                         const struct cramfs_node *node)
{
    return keeping->entries[node->number];
}

#endif
