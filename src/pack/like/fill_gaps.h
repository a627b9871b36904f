/*
 * Filling: puts directories, and tables with their chains, into room that was chosen for them.
 */
#ifndef CRAMFS_PACK_LIKE_FILL_GAPS_H
#define CRAMFS_PACK_LIKE_FILL_GAPS_H

#include "pack/like/place.h"

/* Room of fewer bytes is not worth a look. */
enum { LEAST_SPAN = 16 };

/* What goes together: a directory, or what of a table and its chains has no place. */
struct unit {
    enum { UNIT_DIRECTORY, UNIT_TABLE, UNIT_CHAIN } kind;
    uint32_t index;  /* node or table */
    uint32_t piece;  /* the next to be placed */
    uint32_t end;    /* behind the last piece */
    uint64_t length; /* at most; 0 once a part of it has a place */
    bool begun;      /* the first of it has a place */
    bool done;
    size_t next; /* behind it; those that are done in between may be left out */
};

struct gap_filling {
    struct placing *placing;
    struct unit *units; /* directories, then tables in path order */
    size_t units_count;
    size_t units_capacity;
    size_t first;    /* of those that are not done */
    uint64_t needed; /* bytes, of all */
};

/* Lists what has no place. Returns 0 or -CRAMFS_ERR_MEMORY; free the units in any case. */
int fill_gaps_list(struct gap_filling *filling);

/* Puts what fits into the span, broken where it must be. Returns 0 or -CRAMFS_ERR_MEMORY. */
int fill_gaps_span(struct gap_filling *filling, struct span span);

/*
 * Puts what fits of the unit from *cursor on, and moves that; it stays where it is if nothing does.
 * Returns 0 or -CRAMFS_ERR_MEMORY.
 */
int fill_gaps_unit(struct gap_filling *filling, struct unit *unit, uint64_t end, uint64_t *cursor);

/* Moves filling->first on. */
void fill_gaps_skip_done(struct gap_filling *filling);

#endif
