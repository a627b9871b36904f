/*
 * Placing: finds places for what keep() left without one.
 *
 * Runs in place come first, the longest of them foremost; then directories, tables and chains, in
 * the order of paths. What is new goes into room in erase blocks that differ anyway, then into
 * other room, where the fewest more erase blocks differ for it, then behind all else. A chain may
 * be broken at any block that a direct pointer can reach.
 *
 * Runs that stay may yet have to move: to spare an erase block in which few others are rewritten
 * (spare_erase_blocks.c), or for a longer one that would have the image grow (run_evict.c).
 */
#ifndef CRAMFS_PACK_LIKE_PLACE_H
#define CRAMFS_PACK_LIKE_PLACE_H

#include "pack/layout/layout.h"
#include "pack/like/keep.h"

/* What a place may cost. */
struct placing_ways {
    bool scraps; /* use all room there is, before the image grows, however many erase blocks */
    bool evict;  /* runs that stayed make way for a longer one that would have the image grow */
};

struct placing {
    const struct cramfs_tree *tree;
    const struct cramfs_plan_options *options;
    const struct encoded_tree *encoded;
    struct arrangement *arrangement;
    const struct keeping *keeping;
    struct layout *layout;
    struct placing_ways ways;
    struct room room; /* what is taken by now */
    struct erase_blocks erase_blocks;
    uint64_t limit; /* room is looked for below this: where what stays ends */
    uint64_t end;   /* behind all that has a place */
};

/*
 * Fills *layout (which starts as {0}) but for its size, and gives all tables, directories and
 * pieces their places. Returns 0, -CRAMFS_ERR_MEMORY, or -CRAMFS_ERR_LIMIT when the format's
 * limits do not allow what is left without a place: then a layout afresh may.
 */
int place(const struct cramfs_tree *tree, const struct cramfs_plan_options *options,
          const struct encoded_tree *encoded, struct arrangement *arrangement,
          const struct keeping *keeping, struct placing_ways ways, struct layout *layout);

/* For place.c, in that order. */
int place_runs(struct placing *placing);
int place_chains(struct placing *placing);

/* Takes the bytes, which are free, and marks their erase blocks. Returns as room_take(). */
int place_take(struct placing *placing, uint64_t offset, uint64_t length);

#endif
