/*
 * Keeping: the parts of an older image that stay where they are.
 *
 * A table of the new image takes the place of at most one old file: the file with the same path and
 * content; else one with its content elsewhere (a file that was renamed); else the old file at its
 * path (a file that was changed). Then, slot by slot:
 *
 *  - a block with the same content stays, if a pointer still leads there: a direct one, or a plain
 *    one from the end of the block before it, which must stay, too;
 *  - a changed deflated block that is no longer than the old one takes its place, with zeroes after
 *    it, which kernels ignore; a stored block must have the old one's length;
 *  - if a block does neither, it gets a new place. The deflated block after it stays, with a direct
 *    pointer: its length goes into the room that became free before it. A stored block, or one with
 *    no room before it, gets a new place, too;
 *  - a run in place stays if it still has room there.
 *
 *     old chain | A      | B      | C      |
 *     new chain | A      | b   00 | C      |      b is no longer than B: C keeps its plain pointer
 *     new chain | A      | ... l  | C      |      b is longer: it gets a new place; l: C's length
 *
 * The superblock, inserted bytes after it and the root's entries are where the format requires
 * them; what the older image had there moves.
 *
 * Invariant: `room` is taken wherever something stays, and nowhere else. `erase_blocks` has the
 * erase blocks that differ because of it; with `gathers`, those of rewritten runs are left to
 * place().
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
    const struct arrangement *arrangement; /* its tables are listed already */
    struct old_image *old;
    bool prefer_moves; /* move changed blocks together where that costs less than erase blocks */
    bool gathers;      /* rewritten runs may move together, too, so their erase blocks stay */
    struct kept_table *tables;
    struct kept_slot *slots;
    size_t slots_count;
    size_t slots_capacity;
    uint32_t *directories; /* by node: where its entries stay; 0: nowhere, or it has none */
    uint64_t *entries;     /* by node: where its entry is, in a directory that stays; 0 */
    struct room room;      /* taken by what stays */
    struct erase_blocks erase_blocks;
    uint64_t zero_word;      /* where one stays for direct pointers of holes; 0: none */
    uint64_t front;          /* where the root's entries end */
    unsigned char *uses;     /* by old block */
    bool *in_place;          /* by block of the store: some file has it in place */
    uint32_t *table_of_file; /* by old file: the table that took its place; NO_TABLE */
};

/*
 * Decides about all tables of an arrangement, and about the directories. list_tables() has listed
 * the tables; the arrangement has nothing else. May add blocks to the store: old encodings, and new
 * ones with zeroes after them. Returns 0 or -CRAMFS_ERR_MEMORY; free it in any case.
 */
int keep(const struct cramfs_tree *tree, const struct cramfs_plan_options *options,
         struct encoded_tree *encoded, const struct arrangement *arrangement, struct old_image *old,
         bool prefer_moves, struct keeping *keeping);

/* The data for arranging; they live as long as *keeping. */
struct kept kept_of(const struct keeping *keeping);
void keeping_free(struct keeping *keeping);

/* How much a table and the old file at one of its paths must have in common to be paired. */
enum likeness { SAME_INODE, SAME_CONTENT, SAME_TYPE };

/*
 * For keep.c: pair tables with old files; only those that have no partner yet. pair_paths() pairs
 * files at the same path that are alike enough, pair_moved() files with the same content elsewhere.
 * Return as keep().
 */
int pair_paths(struct keeping *keeping, enum likeness likeness);
int pair_moved(struct keeping *keeping);

/* For pair_files.c: puts the table into the place of the old file. Returns as keep(). */
int keep_table(struct keeping *keeping, uint32_t table, uint32_t file);

/* The old entry at the node's path; NULL: none. */
static inline const struct cramfs_like_entry *keep_old_entry(const struct keeping *keeping,
                                                             const struct cramfs_node *node)
{
    uint32_t entry = keeping->old->entry_of_node[node->number];
    return entry == OLD_NONE ? NULL : &keeping->old->like->entries[entry];
}

/* Where the entry of a node is in the image, if its directory stays; else 0. */
static inline uint64_t keep_entry_offset(const struct keeping *keeping,
                                         const struct cramfs_node *node)
{
    return keeping->entries[node->number];
}

#endif
