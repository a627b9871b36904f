/*
 * The layout: where everything goes. A pure function of sizes.
 *
 *     superblock | directories | table chain table chain ... | runs in place |
 *                                                            ^ page-aligned
 *
 * A chain right after its table is reached by plain pointers that cost nothing. The runs in place
 * share one page-aligned zone at the end, so alignment takes bytes only before the zone and after
 * last pages that are not full. For a kernel without MMU, which maps from any multiple of 4, each
 * run begins at a cache line.
 *
 * Inodes can point only to tables below 256 MiB. If tables with chains between them do not fit
 * there, all tables come first and the chains follow, with direct heads:
 *
 *     superblock | directories | table table ... | chain chain ... | runs in place |
 *
 * A plain pointer ends at most at 1 GiB - 1: blocks after that become heads.
 */
#ifndef CRAMFS_PACK_LAYOUT_LAYOUT_H
#define CRAMFS_PACK_LAYOUT_LAYOUT_H

#include "pack/layout/arrange.h"

enum spot_kind {
    SPOT_BOOT,
    SPOT_SUPER,
    SPOT_INSERT,    /* the caller's bytes before the root's entries */
    SPOT_DIRECTORY, /* index: node number */
    SPOT_TABLE,     /* index: table */
    SPOT_PIECE,     /* index: piece */
    SPOT_ZERO_WORD, /* for direct pointers of holes; index: the first table with one */
};

/* Something with its place in the image. */
struct spot {
    uint64_t offset;
    uint32_t length;
    enum spot_kind kind;
    uint32_t index;
};

struct layout {
    struct spot *spots; /* in order of offset, none overlapping */
    size_t spots_count;
    size_t spots_capacity;
    uint32_t *directory_offset; /* by node number; 0 for an empty directory */
    uint64_t zero_word;         /* 0 when there is none */
    uint64_t image_size;
    /*
     * For an image that is laid out like an older one: gaps keep the older image's bytes in erase
     * blocks that have not changed, or those would differ. NULL: laid out from scratch.
     */
    const struct cramfs_like *like;
    bool *changed; /* by erase block, as far as the longer of the two images goes */
};

/*
 * Fills *layout (which starts as {0}) and the offsets of tables and pieces, and makes pieces heads
 * where their place requires it. Returns 0, -CRAMFS_ERR_MEMORY, or -CRAMFS_ERR_LIMIT.
 */
int lay_out(const struct cramfs_tree *tree, const struct cramfs_plan_options *options,
            const struct encoded_tree *encoded, struct arrangement *arrangement,
            struct layout *layout, struct cramfs_diags *diags);
void layout_free(struct layout *layout);

/* Bytes of a piece in the image: its data, and the length before the data if it has one. */
uint32_t piece_length(const struct encoded_tree *encoded, const struct piece *piece);

/* The alignment of runs in place. */
uint32_t zone_unit(const struct cramfs_plan_options *options);

/*
 * The smallest size of an image whose bytes end at `end`, with entries where the layout has them.
 */
uint64_t least_image_size(const struct cramfs_tree *tree, const struct layout *layout, uint64_t end,
                          uint32_t page_size);

/*
 * Whether an image that ends at `end` at most may need the zero word. A hole's plain pointer
 * repeats the end of the block before it. After 1 GiB no plain pointer can, and a direct pointer to
 * a length of 0 replaces it; one such word serves the whole image.
 */
bool may_need_zero_word(const struct cramfs_plan_options *options,
                        const struct arrangement *arrangement, uint64_t end);

#endif
