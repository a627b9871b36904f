#include "pack/budget/cuts/cut_segment.h"

#include <stdbool.h>
#include <stdlib.h>

#include "base/array.h"
#include "cramfs/diag.h"

/*
 * After some pages, with a number of cuts: the best choice that ends in place, and the best that
 * does not.
 */
struct best {
    int64_t placed;
    int64_t cold;
};

/* How each best choice came about. */
enum { BY_CUT = 1, FROM_COLD = 2 };

/* Below all possible sums: the values together are below 2^57. */
static const int64_t NEVER = INT64_MIN / 4;

struct tables {
    struct best *best;   /* by cuts, 0 to `most` */
    unsigned char *ways; /* by page and cuts */
    uint32_t most;
};

static void next_page(const struct tables *tables, uint32_t page, int64_t value, int64_t cut_cost)
{
    struct best *best = tables->best;
    unsigned char *ways = &tables->ways[(size_t)page * (tables->most + 1)];
    /* From the most cuts down, so that best[k - 1] is still that of the page before. */
    for (uint32_t k = tables->most + 1; k-- > 0;) {
        int64_t by_cut = k ? best[k - 1].cold - cut_cost : NEVER;
        bool cut = by_cut > best[k].placed;
        bool from_cold = best[k].cold >= best[k].placed;
        int64_t cold = from_cold ? best[k].cold : best[k].placed;
        best[k].placed = (cut ? by_cut : best[k].placed) + value;
        if (best[k].placed < NEVER)
            best[k].placed = NEVER;
        best[k].cold = cold;
        ways[k] = (unsigned char)((cut ? BY_CUT : 0) | (from_cold ? FROM_COLD : 0));
    }
}

/* Follows the best choices back, from the last page to the first. */
static void trace(const struct tables *tables, uint32_t count, uint32_t k, bool placed,
                  const uint64_t *page_cost, struct segment_cuts *found)
{
    for (uint32_t page = count; page-- > 0;) {
        unsigned char way = tables->ways[(size_t)page * (tables->most + 1) + k];
        if (!placed) {
            placed = page && !(way & FROM_COLD);
            continue;
        }
        found->cost += page_cost[page];
        if (page && way & BY_CUT) {
            found->cuts[--k] = page;
            placed = false;
        }
    }
}

/* The best over all numbers of cuts, and its cuts. */
static void conclude(const struct tables *tables, uint32_t count, const uint64_t *page_cost,
                     struct segment_cuts *found)
{
    bool placed = false;
    for (uint32_t k = 0; k <= tables->most; k++) {
        const struct best *best = &tables->best[k];
        int64_t larger = best->placed > best->cold ? best->placed : best->cold;
        if (larger <= found->worth)
            continue;
        if (found->more)
            found->more[k] += k - (uint32_t)found->count;
        found->worth = larger;
        found->count = k;
        placed = best->placed > best->cold;
    }
    if (found->worth > 0)
        trace(tables, count, (uint32_t)found->count, placed, page_cost, found);
}

int cut_segment(const int64_t *value, const uint64_t *page_cost, uint32_t count, uint32_t most,
                int64_t cut_cost, struct segment_cuts *found)
{
    struct tables tables = {
        .best = array_create((uint64_t)most + 1, sizeof(*tables.best)),
        .ways = array_create((uint64_t)count * (most + 1), 1),
        .most = most,
    };
    found->count = 0;
    found->cost = 0;
    found->worth = 0;
    bool ready = tables.best && tables.ways;
    for (uint32_t k = 0; ready && k <= most; k++)
        tables.best[k] = (struct best){k ? NEVER : value[0], NEVER};
    for (uint32_t page = 1; ready && page < count; page++)
        next_page(&tables, page, value[page], cut_cost);
    if (ready)
        conclude(&tables, count, page_cost, found);
    free(tables.best);
    free(tables.ways);
    return ready ? 0 : -CRAMFS_ERR_MEMORY;
}
