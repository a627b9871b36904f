/*
 * The layout: where everything goes. A pure function of sizes.
 *
 *     superblock | directories | tables, each with its own chain behind it | runs in place
 *
 * A chain behind its table is reached by plain pointers that cost nothing. The runs in place share
 * one page-aligned zone at the end, so that alignment is paid once an image; for a kernel without
 * MMU, which maps from any multiple of 4, each run begins a cache line. Should tables with chains
 * between them not fit below the 256 MiB that inodes can point to, all tables come first and the
 * chains follow, with direct heads. A plain pointer ends at most at 1 GiB - 1: blocks behind that
 * become heads.
 */
#ifndef CRAMFS_PACK_LAYOUT_LAYOUT_H
#define CRAMFS_PACK_LAYOUT_LAYOUT_H

#include "pack/layout/arrange.h"

enum spot_kind {
    SPOT_BOOT,
    SPOT_SUPER,
    SPOT_INSERT,    /* what the caller has put in front of the root's entries */
    SPOT_DIRECTORY, /* index: node number */
    SPOT_TABLE,     /* index: table */
    SPOT_PIECE,     /* index: piece */
    SPOT_ZERO_WORD, /* what direct pointers of holes point at; index: the first table with one */
};

/* One thing in its place. */
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
     * Of an image that is laid out like an older one: what belongs to nothing keeps the older
     * image's bytes in erase blocks that have not changed, or they would. NULL: laid out afresh.
     */
    const struct cramfs_like *like;
    bool *changed; /* by erase block, as far as the longer of the two images goes */
};

/*
 * Fills *layout (which starts as {0}), the offsets of tables and pieces, and makes pieces heads
 * where their place demands it. Returns 0, -CRAMFS_ERR_MEMORY, or -CRAMFS_ERR_LIMIT.
 */
int lay_out(const struct cramfs_tree *tree, const struct cramfs_plan_options *options,
            const struct encoded_tree *encoded, struct arrangement *arrangement,
            struct layout *layout, struct cramfs_diags *diags);
void layout_free(struct layout *layout);

/* Bytes of a piece in the image: its data, and the length in front if it has one. */
uint32_t piece_length(const struct encoded_tree *encoded, const struct piece *piece);

/* What runs in place are aligned to. */
uint32_t zone_unit(const struct cramfs_plan_options *options);

/* The least size of an image whose bytes end at `end`, with entries as the layout has them. */
uint64_t least_image_size(const struct cramfs_tree *tree, const struct layout *layout, uint64_t end,
                          uint32_t page_size);

/*
 * A hole's plain pointer repeats the end of what is before it. Behind 1 GiB no plain pointer can,
 * and a direct one to a length of 0 stands in; one such word serves the image. Whether an image
 * that ends at `end` at most may need the word.
 */
bool may_need_zero_word(const struct cramfs_plan_options *options,
                        const struct arrangement *arrangement, uint64_t end);

#endif
