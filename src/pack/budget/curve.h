/*
 * Prefix curves: what the first pages of a mapping save when they are in place, and what they cost.
 *
 * A kernel with an MMU maps only a prefix of a mapping directly, so a page is worth nothing without
 * all pages before it. The best way along such a curve is its upper hull: after each prefix, the
 * next one to consider is the one that saves the most for each byte in between.
 *
 *     gain |               o       o: prefixes on the hull
 *          |        o   .          .: prefixes below it, which are never the next one
 *          |     .
 *          |   o      .
 *          +------------------ cost
 */
#ifndef CRAMFS_PACK_BUDGET_CURVE_H
#define CRAMFS_PACK_BUDGET_CURVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One page, or several together. */
struct worth {
    uint64_t gain; /* RAM saved: pages, or touches of a profile */
    uint64_t cost; /* flash, bytes */
};

/*
 * Whether `a` saves more for a byte than `b`; a step that saves something and costs nothing comes
 * first.
 */
bool worth_more(const struct worth *a, const struct worth *b);

/*
 * `curve` has the worth of each prefix, of 0 to `count` pages. Sets next[i] for each prefix to the
 * length of the next one on the hull; for the longest, to itself. `next` has room for count + 1,
 * too. Linear time.
 */
void curve_hull(const struct worth *curve, uint32_t count, uint32_t *next);

/* The worth of the pages between two prefixes. */
struct worth curve_between(const struct worth *curve, uint32_t from, uint32_t to);

#endif
