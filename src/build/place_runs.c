/*
 * Places for runs in place.
 *
 * Gaps stand in lists by how many pages they have, so that the smallest which is long enough is
 * found without a look at the others. A run that no gap can take has the image grow by all of its
 * length and leaves as much room behind where it was: so, if that is wanted, shorter runs make way
 * for it instead, those that are fewest bytes together.
 */
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "build/place.h"
#include "cramfs/block.h"
#include "format/bytes.h"

enum {
    GAP_LISTS = 4097,    /* a file has at most 4096 pages */
    MOST_LOOKED_AT = 64, /* gaps that are compared for one run */
    MOST_EVICTIONS = 32, /* each sweeps over the image */
};

#define NO_GAP UINT32_MAX

/* Pieces of one run, in place or to be placed. */
struct run {
    uint32_t first; /* piece */
    uint32_t count;
    uint64_t offset; /* while it has one */
    uint64_t length; /* with the zeroes behind the file's end */
};

struct gap {
    struct span span;
    uint32_t next;
};

struct running {
    struct placing *placing;
    struct run *runs; /* to be placed, the longest first */
    size_t runs_count;
    size_t runs_capacity;
    struct run *fixed; /* that stay, and could make way, in order of offset */
    size_t fixed_count;
    size_t fixed_capacity;
    struct gap *gaps;
    size_t gaps_count;
    size_t gaps_capacity;
    uint32_t lists[GAP_LISTS];
    unsigned evictions;
};

static uint32_t page_size_of(const struct running *running)
{
    return running->placing->options->page_size;
}

/* With an MMU the rest of a run's last page is its own; without, what comes next may stand there.
 */
static uint32_t length_unit(const struct running *running)
{
    bool pages = running->placing->options->kernel != CRAMFS_KERNEL_NOMMU;
    return pages ? page_size_of(running) : CRAMFS_DIRECT_ALIGN;
}

/* Whether the piece is the next page of the run that ends with the one before. */
static bool continues(const struct running *running, uint32_t number)
{
    const struct piece *piece = &running->placing->arrangement->pieces[number];
    const struct piece *before = piece - 1;
    if (!piece->in_place || piece->run_starts || !before->in_place ||
        piece->fixed != before->fixed || piece->table != before->table)
        return false;
    return !piece->fixed || piece->offset == before->offset + page_size_of(running);
}

static int collect_runs(struct running *running)
{
    const struct arrangement *arrangement = running->placing->arrangement;
    for (uint32_t i = 0; i < arrangement->pieces_count;) {
        const struct piece *piece = &arrangement->pieces[i];
        struct run run = {.first = i, .count = 1, .offset = piece->offset};
        if (!piece->in_place) {
            i++;
            continue;
        }
        bool anchored = piece->anchored;
        while (i + run.count < arrangement->pieces_count && continues(running, i + run.count))
            anchored |= arrangement->pieces[i + run.count++].anchored;
        i += run.count;
        running->placing->layout->has_zone |= piece->fixed;
        if (anchored)
            continue;
        const struct piece *last = &arrangement->pieces[i - 1];
        run.length = align_up((uint64_t)(run.count - 1) * page_size_of(running) +
                                  piece_length(running->placing->encoded, last),
                              length_unit(running));
        if (piece->fixed) {
            if (!ARRAY_GROW(running, fixed))
                return -CRAMFS_ERR_MEMORY;
            running->fixed[running->fixed_count++] = run;
        } else {
            if (!ARRAY_GROW(running, runs))
                return -CRAMFS_ERR_MEMORY;
            running->runs[running->runs_count++] = run;
        }
    }
    return 0;
}

static int longest_first(const void *first, const void *second)
{
    const struct run *a = first;
    const struct run *b = second;
    if (a->length != b->length)
        return a->length > b->length ? -1 : 1;
    return a->first < b->first ? -1 : a->first > b->first;
}

static int by_offset(const void *first, const void *second)
{
    const struct run *a = first;
    const struct run *b = second;
    return a->offset < b->offset ? -1 : a->offset > b->offset;
}

static int add_gap(struct running *running, struct span span)
{
    span.begin = align_up(span.begin, zone_unit(running->placing->options));
    if (span.begin >= span.end)
        return 0;
    uint64_t pages = (span.end - span.begin) / page_size_of(running);
    if (!pages)
        return 0;
    if (pages >= GAP_LISTS)
        pages = GAP_LISTS - 1;
    if (!ARRAY_GROW(running, gaps))
        return -CRAMFS_ERR_MEMORY;
    running->gaps[running->gaps_count] = (struct gap){span, running->lists[pages]};
    running->lists[pages] = (uint32_t)running->gaps_count++;
    return 0;
}

static int list_gaps(struct running *running)
{
    const struct placing *placing = running->placing;
    struct span span = {0, 0};
    int error = 0;
    running->gaps_count = 0;
    for (size_t i = 0; i < GAP_LISTS; i++)
        running->lists[i] = NO_GAP;
    while (!error && room_next(&placing->room, span.end, placing->limit, &span))
        error = add_gap(running, span);
    return error;
}

/* Where in the gap the run makes the fewest more erase blocks differ: at its begin or at its end.
 */
static uint64_t offset_in(const struct running *running, const struct span *gap, uint64_t length,
                          uint64_t *cost)
{
    uint64_t unit = zone_unit(running->placing->options);
    uint64_t last = (gap->end - length) / unit * unit;
    uint64_t cost_of_last = place_count_unchanged(running->placing, last, length);
    *cost = place_count_unchanged(running->placing, gap->begin, length);
    if (cost_of_last >= *cost || last < gap->begin)
        return gap->begin;
    *cost = cost_of_last;
    return last;
}

/* Finds and takes out the gap that costs least; among those the shortest. */
static bool take_gap(struct running *running, uint64_t length, struct span *gap, uint64_t *offset)
{
    uint64_t pages = (length + page_size_of(running) - 1) / page_size_of(running);
    uint64_t best = UINT64_MAX;
    uint32_t *link = NULL;
    unsigned looked_at = 0;
    for (; pages < GAP_LISTS && looked_at < MOST_LOOKED_AT; pages++) {
        for (uint32_t *at = &running->lists[pages]; *at != NO_GAP && looked_at < MOST_LOOKED_AT;
             at = &running->gaps[*at].next, looked_at++) {
            const struct span *span = &running->gaps[*at].span;
            uint64_t cost;
            if (span->end - span->begin < length)
                continue;
            uint64_t found = offset_in(running, span, length, &cost);
            if (cost >= best)
                continue;
            best = cost;
            link = at;
            *offset = found;
        }
    }
    if (!link)
        return false;
    *gap = running->gaps[*link].span;
    *link = running->gaps[*link].next;
    return true;
}

static int put_run(struct running *running, const struct run *run, uint64_t offset)
{
    struct placing *placing = running->placing;
    placing->layout->has_zone = true;
    for (uint32_t i = 0; i < run->count; i++)
        placing->arrangement->pieces[run->first + i].offset =
            offset + (uint64_t)i * page_size_of(running);
    return place_take(placing, offset, run->length);
}

/* Behind a gap that a run was put into, what is left of it is two. */
static int put_into(struct running *running, const struct run *run, const struct span *gap,
                    uint64_t offset)
{
    int error = put_run(running, run, offset);
    if (!error)
        error = add_gap(running, (struct span){gap->begin, offset});
    if (!error)
        error = add_gap(running, (struct span){offset + run->length, gap->end});
    return error;
}

/* Runs [first, end) of those that stay, which make way for one at `offset`. */
struct window {
    uint64_t offset;
    size_t first;
    size_t end;
    uint64_t bytes; /* of all of them */
};

/* The first run that stays and ends behind `offset`. */
static size_t first_behind(const struct running *running, uint64_t offset)
{
    size_t low = 0;
    size_t high = running->fixed_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (running->fixed[middle].offset + running->fixed[middle].length <= offset)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void consider(const struct running *running, const uint64_t *sums, const struct span *span,
                     uint64_t offset, uint64_t length, struct window *best)
{
    if (offset < span->begin || offset + length > span->end)
        return;
    size_t first = first_behind(running, offset);
    size_t end = first_behind(running, offset + length);
    if (end < running->fixed_count && running->fixed[end].offset < offset + length)
        end++;
    uint64_t bytes = sums[end] - sums[first];
    if (bytes < best->bytes)
        *best = (struct window){offset, first, end, bytes};
}

/* The window among what is free or a run that has the fewest bytes of runs in it. */
static int find_window(const struct running *running, uint64_t length, struct window *best)
{
    struct room room = {0};
    uint64_t *sums = calloc(running->fixed_count + 1, sizeof(*sums));
    int error = sums ? room_copy(&running->placing->room, &room) : -CRAMFS_ERR_MEMORY;
    best->bytes = length / 2; /* rather than that, the image grows */
    for (size_t i = 0; !error && i < running->fixed_count; i++) {
        sums[i + 1] = sums[i] + running->fixed[i].length;
        room_give(&room, running->fixed[i].offset, running->fixed[i].length);
    }
    struct span span = {0, 0};
    uint64_t unit = zone_unit(running->placing->options);
    size_t run = 0;
    while (!error && room_next(&room, span.end, running->placing->limit, &span)) {
        uint64_t begin = align_up(span.begin, unit);
        while (run < running->fixed_count && running->fixed[run].offset < begin)
            run++;
        consider(running, sums, &span, begin, length, best);
        for (; run < running->fixed_count && running->fixed[run].offset < span.end; run++) {
            const struct run *fixed = &running->fixed[run];
            consider(running, sums, &span, align_up(fixed->offset + fixed->length, unit), length,
                     best);
            if (fixed->offset >= length)
                consider(running, sums, &span, (fixed->offset - length) / unit * unit, length,
                         best);
        }
        if (span.end >= length)
            consider(running, sums, &span, (span.end - length) / unit * unit, length, best);
    }
    free(sums);
    room_free(&room);
    return error;
}

/* The runs of the window are to be placed, too, after the one that they make way for. */
static int evict(struct running *running, const struct window *window, size_t next)
{
    struct placing *placing = running->placing;
    for (size_t i = window->first; i < window->end; i++) {
        const struct run *run = &running->fixed[i];
        room_give(&placing->room, run->offset, run->length);
        for (uint32_t j = 0; j < run->count; j++)
            placing->arrangement->pieces[run->first + j].fixed = false;
        if (!ARRAY_GROW(running, runs))
            return -CRAMFS_ERR_MEMORY;
        running->runs[running->runs_count++] = *run;
    }
    memmove(&running->fixed[window->first], &running->fixed[window->end],
            (running->fixed_count - window->end) * sizeof(*running->fixed));
    running->fixed_count -= window->end - window->first;
    qsort(&running->runs[next], running->runs_count - next, sizeof(*running->runs), longest_first);
    return 0;
}

/* Has shorter runs make way; *found tells whether that was worth it. */
static int make_room(struct running *running, const struct run *run, size_t next, bool *found)
{
    struct window window = {0};
    *found = false;
    if (!running->placing->ways.evict || running->evictions == MOST_EVICTIONS)
        return 0;
    running->evictions++;
    int error = find_window(running, run->length, &window);
    *found = !error && window.offset;
    if (*found)
        error = evict(running, &window, next);
    if (*found && !error)
        error = put_run(running, run, window.offset);
    return error || !*found ? error : list_gaps(running);
}

static int place_run(struct running *running, const struct run *run, size_t next)
{
    struct span gap;
    uint64_t offset;
    bool found;
    if (take_gap(running, run->length, &gap, &offset))
        return put_into(running, run, &gap, offset);
    int error = make_room(running, run, next, &found);
    if (error || found)
        return error;
    uint64_t unit = zone_unit(running->placing->options);
    return put_run(running, run, align_up(running->placing->end, unit));
}

int place_runs(struct placing *placing)
{
    struct running *running = calloc(1, sizeof(*running));
    if (!running)
        return -CRAMFS_ERR_MEMORY;
    running->placing = placing;
    int error = collect_runs(running);
    if (!error)
        error = list_gaps(running);
    if (!error && running->runs_count)
        qsort(running->runs, running->runs_count, sizeof(*running->runs), longest_first);
    if (!error && running->fixed_count)
        qsort(running->fixed, running->fixed_count, sizeof(*running->fixed), by_offset);
    for (size_t i = 0; !error && i < running->runs_count; i++) {
        struct run run = running->runs[i];
        error = place_run(running, &run, i + 1);
    }
    free(running->runs);
    free(running->fixed);
    free(running->gaps);
    free(running);
    return error;
}
