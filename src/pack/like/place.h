/*
 * Placing: finds places for everything that keep() left without one.
 *
 * Runs in place come first, the longest first; then directories, tables and chains, in the order of
 * paths. New data go into room in erase blocks that differ anyway; then into other room, where they
 * make the fewest more erase blocks differ; then after everything else. A chain may be broken at
 * any block that a direct pointer can reach.
 *
 *     older image  | kept |  gap  | kept | gap | kept ... |
 *     new image    | kept | run   | kept | tab | kept ... | table chain   run |
 *                                                         ^ end: the image grows from here
 *
 * A run that stays may still have to move: to spare an erase block in which few other runs are
 * rewritten (spare_erase_blocks.c), or for a longer run that would make the image grow
 * (run_evict.c).
 *
 * Invariant: `room` is taken wherever something has a place, so nothing ever overlaps.
 */
#ifndef CRAMFS_PACK_LIKE_PLACE_H
#define CRAMFS_PACK_LIKE_PLACE_H

#include "pack/layout/layout.h"
#include "pack/like/keep.h"

/* How far placing may go. */
struct placing_ways {
    bool scraps; /* use all room before the image grows, however many erase blocks differ */
    bool evict;  /* runs that stayed move for a longer one that would make the image grow */
};

struct placing {
    const struct cramfs_tree *tree;
    const struct cramfs_plan_options *options;
    const struct encoded_tree *encoded;
    struct arrangement *arrangement;
    const struct keeping *keeping;
    struct layout *layout;
    struct placing_ways ways;
    struct room room; /* taken so far */
    struct erase_blocks erase_blocks;
    uint64_t limit; /* room is looked for below this: where everything that stays ends */
    uint64_t end;   /* after everything that has a place */
};

/*
 * Fills *layout (which starts as {0}) except its size, and sets the places of all tables,
 * directories and pieces. Returns 0, -CRAMFS_ERR_MEMORY, or -CRAMFS_ERR_LIMIT when something has no
 * place within the format's limits: then a layout from scratch may have one.
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
