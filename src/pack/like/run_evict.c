/*
 * Runs that move for a longer one.
 *
 * If no gap has room for a run, the image grows by its whole length, and the run's old room stays
 * unused. If shorter runs move instead, the image grows by less:
 *
 *     before  | gap | short | gap | ...                 no gap is long enough
 *     after   | long              | ...  | short |      only `short` is placed again
 *
 * The window of the long run's length in which runs have the fewest bytes is used, if they have
 * less than half that length together.
 */
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/lower_bound.h"
#include "format/bytes.h"
#include "pack/like/runs.h"

enum { MOST_EVICTIONS = 32 }; /* each sweeps over the whole image */

/* A place at `offset` for a run; the fixed runs [first, end) must move for it. */
struct evict_window {
    uint64_t offset;
    size_t first;
    size_t end;
    uint64_t bytes; /* of these runs */
};

static bool ends_before(const void *fixed, const void *offset)
{
    const struct run *run = fixed;
    return run->offset + run->length <= *(const uint64_t *)offset;
}

/* The first fixed run that ends after `offset`. */
static size_t first_behind(const struct running *running, uint64_t offset)
{
    return lower_bound(&offset, running->fixed, running->fixed_count, sizeof(*running->fixed),
                       ends_before);
}

static void consider(const struct running *running, const uint64_t *sums, const struct span *span,
                     uint64_t offset, uint64_t length, struct evict_window *best)
{
    if (offset < span->begin || offset + length > span->end)
        return;
    size_t first = first_behind(running, offset);
    size_t end = first_behind(running, offset + length);
    if (end < running->fixed_count && running->fixed[end].offset < offset + length)
        end++;
    uint64_t bytes = sums[end] - sums[first];
    if (bytes < best->bytes)
        *best = (struct evict_window){offset, first, end, bytes};
}

/* Finds the window, in free room and fixed runs, in which runs have the fewest bytes. */
static int find_window(const struct running *running, uint64_t length, struct evict_window *best)
{
    struct room room = {0};
    uint64_t *sums = calloc(running->fixed_count + 1, sizeof(*sums));
    int error = sums ? room_copy(&running->placing->room, &room) : -CRAMFS_ERR_MEMORY;
    best->bytes = length / 2; /* with more than that, it is better that the image grows */
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

static int evict(struct running *running, const struct evict_window *window)
{
    struct placing *placing = running->placing;
    if (window->first == window->end) /* no run must move: the lists do not have the gap */
        return 0;
    for (size_t i = window->first; i < window->end; i++) {
        const struct run *run = &running->fixed[i];
        room_give(&placing->room, run->offset, run->length);
        for (uint32_t j = 0; j < run->count; j++)
            placing->arrangement->pieces[run->first + j].fixed = false;
        if (!ARRAY_GROW(running, runs))
            return -CRAMFS_ERR_MEMORY;
        running->runs[running->runs_count++] = *run;
        running->needed += run->length;
    }
    memmove(&running->fixed[window->first], &running->fixed[window->end],
            (running->fixed_count - window->end) * sizeof(*running->fixed));
    running->fixed_count -= window->end - window->first;
    return 0;
}

int evict_runs(struct running *running, uint64_t length, uint64_t *offset)
{
    struct evict_window window = {0};
    *offset = 0;
    if (!running->placing->ways.evict || running->evictions == MOST_EVICTIONS)
        return 0;
    running->evictions++;
    int error = find_window(running, length, &window);
    *offset = window.offset;
    return error || !window.offset ? error : evict(running, &window);
}
