/*
 * A set of byte ranges that do not overlap: the first owner to ask gets the range.
 *
 * This bounds the work on a hostile image: a directory or table that overlaps another is found
 * before it is followed. The set is a treap, with priorities from a hash of the ends: the least
 * code that stays logarithmic, whatever the order of additions.
 */
#ifndef CRAMFS_READ_INTERVALS_H
#define CRAMFS_READ_INTERVALS_H

#include <stddef.h>
#include <stdint.h>

struct interval {
    uint64_t begin;
    uint64_t end;
    uint64_t priority;
    uint32_t owner;
    uint32_t left; /* index + 1; 0 for none */
    uint32_t right;
};

/* Starts as {0}. */
struct intervals {
    struct interval *list;
    size_t list_count;
    size_t list_capacity;
    uint32_t root;
};

enum {
    INTERVAL_FREE,    /* the range was free, and is now added */
    INTERVAL_SAME,    /* added before, with the same ends */
    INTERVAL_OVERLAP, /* overlaps another range */
};

/*
 * Adds [begin, end), which is not empty, for `owner` (a number of the caller's). Returns one of the
 * above, or -CRAMFS_ERR_MEMORY; unless the range was free, *other is the owner of the range in the
 * way.
 */
int intervals_add(struct intervals *intervals, uint64_t begin, uint64_t end, uint32_t owner,
                  uint32_t *other);
void intervals_free(struct intervals *intervals);

#endif
