/*
 * An arrangement: tables, and the pieces that their slots point to.
 *
 *     table    | slot 0 | slot 1 | slot 2 | hole |
 *                  |        |        `-----------> a piece of another table (direct: a head)
 *                  v        v
 *     chain    | piece  | piece  |                  its own pieces (plain pointers)
 *
 * To a kernel a table is one inode (the inode number is the table's offset), so it is shared only
 * between entries of the same type, mode, owner and size. Other equal files get a table of their
 * own, whose direct pointers share the blocks.
 *
 * A piece is one copy of a block in the image. It belongs to the first table that needed it. A
 * table's own pieces will be one after the other in the order of its slots, so that plain pointers
 * chain along them. A piece that some pointer reaches in any other way is a head: direct pointers
 * lead to it, it is aligned, and a deflated one has its length before it.
 */
#ifndef CRAMFS_PACK_LAYOUT_ARRANGEMENT_H
#define CRAMFS_PACK_LAYOUT_ARRANGEMENT_H

#include <stdbool.h>

#include "cramfs/block.h"
#include "pack/blocks/encoded.h"

#define NO_PIECE  UINT32_MAX
#define SLOT_HOLE UINT32_MAX
#define NO_TABLE  UINT32_MAX

/*
 * What a head costs beyond its data: 2 bytes of length, and up to 3 (on average 1.5) of alignment.
 */
enum { HEAD_COST = 4 };

struct piece {
    uint32_t block;       /* in the store */
    uint32_t table;       /* to which it belongs */
    uint32_t slot;        /* the first of that table that points to it */
    uint32_t first_table; /* the first in path order that points to it: its owner in reports */
    uint32_t first_slot;  /* of that table */
    bool head;            /* direct pointers lead to it, so any table can share it */
    bool starts;          /* a plain pointer reaches it from the end of its table */
    bool plain_only;      /* some pointer to it cannot be direct: it must not become a head */
    bool in_place;        /* on a page of its own, in the zone at the end */
    bool run_starts;      /* the first of a run in place */
    bool fixed;           /* it stays where an older image has it: offset and head are settled */
    bool rewritten;       /* it stays there, with other bytes */
    bool anchored; /* it must stay: it is in several runs, which may be longer than this one */
    /*
     * Set by layout.c, if not fixed: the offset of the length before the data, if there is one,
     * else that of the data.
     */
    uint64_t offset;
};

struct table {
    uint32_t node; /* number of the first node that uses it */
    uint32_t content;
    uint32_t first_piece; /* its own pieces */
    uint32_t pieces_count;
    size_t first_slot; /* content.refs_count slots: pieces or SLOT_HOLE */
    bool fixed;        /* it stays where an older image has it */
    uint32_t offset;   /* set by layout.c, if not fixed */
};

struct arrangement {
    struct table *tables; /* in path order of their first nodes */
    size_t tables_count;
    size_t tables_capacity;
    struct piece *pieces;
    size_t pieces_count;
    size_t pieces_capacity;
    uint32_t *slots;
    size_t slots_count;
    size_t slots_capacity;
    uint32_t *table_of_node; /* NO_TABLE for nodes without bytes */
    uint64_t shared_slots;   /* slots that another slot's piece serves */
    uint64_t hole_slots;
    uint64_t inodes_shared;
};

void arrangement_free(struct arrangement *arrangement);

/* Removes all pieces and slots; the listed tables stay, for arrange_tables(). */
void arrangement_empty(struct arrangement *arrangement);

/*
 * Whether a direct pointer at `slot` (of `slots`) of a file of `size` bytes reads `block` right. It
 * always does if the block is deflated. From a stored block the kernel reads a whole page, or size
 * % page bytes in the last slot.
 */
bool direct_reads_right(const struct encoded_block *block, uint32_t slot, uint32_t slots,
                        uint32_t size, uint32_t page_size);

/*
 * Whether a slot that is not in place should point to a block that some file may have in place,
 * instead of to a copy of its own. The chain is then broken, which costs up to two heads: it pays
 * for all but the shortest blocks.
 */
bool better_in_place(const struct cramfs_plan_options *options, const struct encoded_tree *encoded,
                     const struct content *content, uint32_t slot);

/*
 * Where the kernel looks for the data of a plain pointer after this block. After a stored block
 * with a direct pointer that is a whole page later, however long the block is. `start` is where the
 * piece begins: for a deflated block with a direct pointer, at its length.
 */
static inline uint64_t block_end(uint64_t start, uint32_t length, bool stored, bool direct,
                                 uint32_t page_size)
{
    if (!direct)
        return start + length;
    return start + (stored ? page_size : CRAMFS_DIRECT_PREFIX + length);
}

static inline uint64_t piece_end(const struct encoded_tree *encoded, const struct piece *piece,
                                 uint32_t page_size)
{
    const struct encoded_block *block = &encoded->store.blocks[piece->block];
    return block_end(piece->offset, block->length, block->form != FORM_DEFLATED,
                     piece->head || piece->in_place, page_size);
}

#endif
