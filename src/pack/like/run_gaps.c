/* Free room for runs in place, in lists by length. */
#include <stdlib.h>

#include "base/array.h"
#include "format/bytes.h"
#include "pack/like/runs.h"

enum {
    GAP_LISTS = 4097,    /* a file has at most 4096 pages */
    MOST_LOOKED_AT = 64, /* gaps that are tried for one run */
};

#define NO_GAP UINT32_MAX

struct run_gap {
    struct span span;
    uint32_t next;
};

int run_gaps_add(struct run_gaps *gaps, const struct placing *placing, struct span span)
{
    span.begin = align_up(span.begin, zone_unit(placing->options));
    if (span.begin >= span.end)
        return 0;
    uint64_t pages = (span.end - span.begin) / page_size_of(placing);
    if (!pages)
        return 0;
    if (pages >= GAP_LISTS)
        pages = GAP_LISTS - 1;
    if (!ARRAY_GROW(gaps, gaps))
        return -CRAMFS_ERR_MEMORY;
    gaps->gaps[gaps->gaps_count] = (struct run_gap){span, gaps->lists[pages]};
    gaps->lists[pages] = (uint32_t)gaps->gaps_count++;
    return 0;
}

int run_gaps_list(struct run_gaps *gaps, const struct placing *placing)
{
    struct span span = {0, 0};
    int error = 0;
    if (!gaps->lists)
        gaps->lists = malloc(GAP_LISTS * sizeof(*gaps->lists));
    if (!gaps->lists)
        return -CRAMFS_ERR_MEMORY;
    gaps->gaps_count = 0;
    for (size_t i = 0; i < GAP_LISTS; i++)
        gaps->lists[i] = NO_GAP;
    while (!error && room_next(&placing->room, span.end, placing->limit, &span))
        error = run_gaps_add(gaps, placing, span);
    return error;
}

/*
 * Where in the gap the run makes the fewest more erase blocks differ: at the gap's beginning or at
 * its end.
 */
static uint64_t offset_in(const struct placing *placing, const struct span *gap, uint64_t length,
                          uint64_t *cost)
{
    uint64_t unit = zone_unit(placing->options);
    uint64_t last = (gap->end - length) / unit * unit;
    uint64_t cost_of_last = erase_blocks_unchanged(&placing->erase_blocks, last, length);
    *cost = erase_blocks_unchanged(&placing->erase_blocks, gap->begin, length);
    if (cost_of_last >= *cost || last < gap->begin)
        return gap->begin;
    *cost = cost_of_last;
    return last;
}

struct gap_search {
    const struct placing *placing;
    const struct run *run;
    uint64_t best;   /* cost; only a lower one is taken */
    uint32_t *link;  /* to the gap */
    uint64_t offset; /* of the run in it */
};

/* The gap with the lowest cost, of those with at least this many pages; of equal ones the shortest.
 */
static void search(struct run_gaps *gaps, uint64_t pages, struct gap_search *search)
{
    unsigned looked_at = 0;
    for (; pages < GAP_LISTS && looked_at < MOST_LOOKED_AT; pages++) {
        for (uint32_t *at = &gaps->lists[pages]; *at != NO_GAP && looked_at < MOST_LOOKED_AT;
             at = &gaps->gaps[*at].next, looked_at++) {
            const struct span *span = &gaps->gaps[*at].span;
            uint64_t cost;
            if (span->end - span->begin < search->run->length)
                continue;
            uint64_t found = offset_in(search->placing, span, search->run->length, &cost);
            if (cost >= search->best)
                continue;
            search->best = cost;
            search->link = at;
            search->offset = found;
        }
    }
}

static uint64_t pages_of(const struct placing *placing, uint64_t length)
{
    return (length + page_size_of(placing) - 1) / page_size_of(placing);
}

bool run_gaps_take(struct run_gaps *gaps, const struct placing *placing, const struct run *run,
                   uint64_t together, struct span *gap, uint64_t *offset)
{
    struct gap_search found = {
        .placing = placing, .run = run, .best = run->gathered ? 1 : UINT64_MAX};
    if (together > run->length)
        search(gaps, pages_of(placing, together), &found);
    search(gaps, pages_of(placing, run->length), &found);
    if (!found.link)
        return false;
    *offset = found.offset;
    *gap = gaps->gaps[*found.link].span;
    *found.link = gaps->gaps[*found.link].next;
    return true;
}

void run_gaps_free(struct run_gaps *gaps)
{
    free(gaps->gaps);
    free(gaps->lists);
    *gaps = (struct run_gaps){0};
}
