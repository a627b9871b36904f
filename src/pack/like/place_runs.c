/*
 * Places for runs in place.
 *
 * The longest run is placed first, so that short runs do not break up the gaps that only long runs
 * need. A run goes into the gap where it makes the fewest more erase blocks differ. If no gap has
 * room, shorter runs move for it; if that is not worth it, the run goes after everything else.
 */
#include <stdlib.h>

#include "base/array.h"
#include "format/bytes.h"
#include "pack/like/runs.h"

/*
 * With an MMU the rest of a run's last page belongs to the run; without one, other things may be
 * there.
 */
static uint32_t length_unit(const struct running *running)
{
    bool pages = running->placing->options->kernel != CRAMFS_KERNEL_NOMMU;
    return pages ? page_size_of(running->placing) : CRAMFS_DIRECT_ALIGN;
}

/* Whether the piece is the next page of the run of the piece before it. */
static bool continues(const struct running *running, uint32_t number)
{
    const struct piece *piece = &running->placing->arrangement->pieces[number];
    const struct piece *before = piece - 1;
    if (!piece->in_place || piece->run_starts || !before->in_place ||
        piece->fixed != before->fixed || piece->table != before->table)
        return false;
    return !piece->fixed || piece->offset == before->offset + page_size_of(running->placing);
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
        if (anchored)
            continue;
        const struct piece *last = &arrangement->pieces[i - 1];
        run.length = align_up((uint64_t)(run.count - 1) * page_size_of(running->placing) +
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

static int put_run(struct running *running, const struct run *run, uint64_t offset)
{
    struct placing *placing = running->placing;
    for (uint32_t i = 0; i < run->count; i++)
        placing->arrangement->pieces[run->first + i].offset =
            offset + (uint64_t)i * page_size_of(running->placing);
    return place_take(placing, offset, run->length);
}

/* Puts a run into a gap; two smaller gaps are left. */
static int put_into(struct running *running, const struct run *run, const struct span *gap,
                    uint64_t offset)
{
    int error = put_run(running, run, offset);
    if (!error)
        error = run_gaps_add(&running->gaps, running->placing, (struct span){gap->begin, offset});
    if (!error)
        error = run_gaps_add(&running->gaps, running->placing,
                             (struct span){offset + run->length, gap->end});
    return error;
}

/* Moves shorter runs for this run, if that is worth it; they are then placed next. */
static int place_for_evicted(struct running *running, const struct run *run, size_t next,
                             bool *found)
{
    uint64_t offset;
    int error = evict_runs(running, run->length, &offset);
    *found = !error && offset;
    if (!*found)
        return error;
    qsort(&running->runs[next], running->runs_count - next, sizeof(*running->runs), longest_first);
    error = put_run(running, run, offset);
    return error ? error : run_gaps_list(&running->gaps, running->placing);
}

static int place_run(struct running *running, const struct run *run, size_t next)
{
    struct placing *placing = running->placing;
    struct span gap;
    uint64_t offset;
    bool found = false;
    int error = 0;
    if (run_gaps_take(&running->gaps, placing, run, running->needed, &gap, &offset))
        return put_into(running, run, &gap, offset);
    if (!run->gathered)
        error = place_for_evicted(running, run, next, &found);
    if (error || found)
        return error;
    return put_run(running, run, align_up(placing->end, zone_unit(placing->options)));
}

/* Sorts runs in the order of placing, and fixed runs in the order of searching. */
static void sort_runs(struct running *running)
{
    if (running->runs_count)
        qsort(running->runs, running->runs_count, sizeof(*running->runs), longest_first);
    if (running->fixed_count)
        qsort(running->fixed, running->fixed_count, sizeof(*running->fixed), by_offset);
}

int place_runs(struct placing *placing)
{
    struct running running = {.placing = placing};
    int error = collect_runs(&running);
    if (!error)
        error = gather_runs(&running);
    if (!error)
        error = run_gaps_list(&running.gaps, placing);
    if (!error)
        sort_runs(&running);
    for (size_t i = 0; i < running.runs_count; i++)
        running.needed += running.runs[i].length;
    for (size_t i = 0; !error && i < running.runs_count; i++) {
        struct run run = running.runs[i];
        error = place_run(&running, &run, i + 1);
        running.needed -= run.length;
    }
    free(running.runs);
    free(running.fixed);
    run_gaps_free(&running.gaps);
    return error;
}
