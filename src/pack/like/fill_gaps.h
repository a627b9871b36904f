/*
 * Filling: puts directories, and tables with their chains, into room that was chosen for them.
 *
 * If a unit has room in the span as a whole, it goes there. If none has, the first unit is broken:
 * its table and the pieces that have room go here, and the rest goes into the next span. A broken
 * chain needs a head where it goes on:
 *
 *     span 1   | table | piece | piece |
 *     span 2   | head | piece | other unit ... |
 *
 * Spans come in the order of offsets and units in the order of paths, so files that are next to
 * each other in the tree mostly stay together. Invariant: a unit's pieces before `piece` have their
 * places.
 */
#ifndef CRAMFS_PACK_LIKE_FILL_GAPS_H
#define CRAMFS_PACK_LIKE_FILL_GAPS_H

#include "pack/like/place.h"

/* Smaller room is not used. */
enum { LEAST_SPAN = 16 };

/*
 * Things that go together: a directory; or the parts of a table and its chains that have no place.
 */
struct unit {
    enum { UNIT_DIRECTORY, UNIT_TABLE, UNIT_CHAIN } kind;
    uint32_t index;  /* node or table */
    uint32_t piece;  /* the next to be placed */
    uint32_t end;    /* after the last piece */
    uint64_t length; /* at most; 0 once a part of it has a place */
    bool begun;      /* its directory or table has a place */
    bool done;
    size_t next; /* the next unit; units that are done may be skipped */
};

struct gap_filling {
    struct placing *placing;
    struct unit *units; /* directories, then tables in path order */
    size_t units_count;
    size_t units_capacity;
    size_t first;    /* the first unit that is not done */
    uint64_t needed; /* bytes of all units */
};

/* Lists everything without a place. Returns 0 or -CRAMFS_ERR_MEMORY; free the units in any case. */
int fill_gaps_list(struct gap_filling *filling);

/* Fills the span, and breaks a unit where it must. Returns 0 or -CRAMFS_ERR_MEMORY. */
int fill_gaps_span(struct gap_filling *filling, struct span span);

/*
 * Puts as much of the unit as has room from *cursor on, and moves *cursor after it; if nothing has
 * room, *cursor does not change. Returns 0 or -CRAMFS_ERR_MEMORY.
 */
int fill_gaps_unit(struct gap_filling *filling, struct unit *unit, uint64_t end, uint64_t *cursor);

/* Moves filling->first to the next unit that is not done. */
void fill_gaps_skip_done(struct gap_filling *filling);

#endif
