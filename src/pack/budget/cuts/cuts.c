#include "pack/budget/cuts/cuts.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "pack/budget/cuts/cut_segment.h"

/*
 * Touches are scaled to at most this many bits: a sum of 4096 pages at the highest price is below
 * 2^57.
 */
enum { MOST_GAIN_BITS = 20 };

struct finding {
    const struct candidates *candidates;
    uint64_t price;
    unsigned shift; /* of gains */
    struct cuts *out;
    /* Room for one segment: */
    int64_t *value;
    uint64_t *page_cost;
    uint32_t *more; /* room for one content; see cut_segment.h */
};

/* What one more mapping of this content costs, in all processes that have it. */
static int64_t cut_cost(const struct finding *finding, uint32_t content)
{
    uint32_t processes = finding->candidates->processes[content];
    if (!processes)
        processes = CRAMFS_DEFAULT_PROCESSES;
    return (int64_t)processes * CRAMFS_MAPPING_COST;
}

static unsigned shift_of(const struct candidates *candidates)
{
    uint64_t most = 0;
    for (size_t i = 0; i < candidates->encoded->refs_count; i++)
        most = candidates->gains[i] > most ? candidates->gains[i] : most;
    unsigned shift = 0;
    while (most >> shift >= (uint64_t)1 << MOST_GAIN_BITS)
        shift++;
    return shift;
}

static int64_t value_of(const struct finding *finding, uint64_t gain, uint64_t cost)
{
    uint64_t scaled = gain >> finding->shift;
    if (gain && !scaled)
        scaled = 1;
    return (int64_t)(scaled * finding->price) - (int64_t)cost;
}

/* Fills the room for a segment; false when no page of it is touched. */
static bool weigh(const struct finding *finding, const struct candidate *candidate)
{
    const struct candidates *candidates = finding->candidates;
    size_t first =
        candidates->encoded->contents[candidate->content].first_ref + candidate->first_page;
    uint64_t touched = 0;
    for (uint32_t i = 0; i < candidate->pages; i++)
        touched |= candidates->gains[first + i];
    for (uint32_t i = 0; touched && i < candidate->pages; i++) {
        finding->page_cost[i] = candidates_page_cost(candidates, candidate->content, first + i);
        finding->value[i] = value_of(finding, candidates->gains[first + i], finding->page_cost[i]);
    }
    return touched;
}

struct content_worth {
    uint64_t cost;
    int64_t worth;
};

/* Adds the best cuts of one segment, at most `most`, as pages of the file. */
static int cut_one(const struct finding *finding, const struct candidate *candidate, uint32_t most,
                   struct content_cuts *cuts, struct content_worth *sum)
{
    if (!candidate->pages || !weigh(finding, candidate))
        return 0;
    if (most > candidate->pages)
        most = candidate->pages;
    uint32_t *pages = realloc(cuts->pages, (cuts->count + most + 1) * sizeof(*pages));
    if (!pages)
        return -CRAMFS_ERR_MEMORY;
    cuts->pages = pages;
    struct segment_cuts found = {.cuts = pages + cuts->count, .more = finding->more};
    int error = cut_segment(finding->value, finding->page_cost, candidate->pages, most,
                            cut_cost(finding, candidate->content), &found);
    for (size_t i = 0; !error && i < found.count; i++)
        found.cuts[i] += candidate->first_page;
    cuts->count += found.count;
    sum->cost += found.cost;
    sum->worth += found.worth;
    return error;
}

static int compare_pages(const void *first, const void *second)
{
    uint32_t a = *(const uint32_t *)first;
    uint32_t b = *(const uint32_t *)second;
    return a < b ? -1 : a > b;
}

static int cut_content(struct finding *finding, uint32_t number, uint32_t most,
                       struct content_cuts *cuts, struct content_worth *sum)
{
    const struct candidates *candidates = finding->candidates;
    int error = 0;
    cuts->count = 0;
    *sum = (struct content_worth){0};
    memset(finding->more, 0, ((size_t)most + 1) * sizeof(*finding->more));
    for (size_t i = candidates->first_candidate[number];
         !error && i < candidates->first_candidate[number + 1]; i++)
        error = cut_one(finding, &candidates->list[i], most, cuts, sum);
    if (!error && cuts->count)
        qsort(cuts->pages, cuts->count, sizeof(*cuts->pages), compare_pages);
    return error;
}

/* If a file's table has no room for all cuts, lowers the limit for each segment until it has. */
static int cut_within(struct finding *finding, uint32_t number, struct content_cuts *cuts,
                      struct content_worth *sum)
{
    uint32_t all = finding->candidates->most_cuts[number];
    uint32_t most = finding->candidates->options->split;
    most = all < most ? all : most;
    int error = cut_content(finding, number, most, cuts, sum);
    if (error || cuts->count <= all)
        return error;
    /* The best cuts are known for all smaller limits: take the largest limit that has room. */
    size_t count = 0;
    uint32_t bound = 0;
    while (count + finding->more[bound + 1] <= all)
        count += finding->more[++bound];
    return cut_content(finding, number, bound, cuts, sum);
}

/*
 * The table of program headers of a cut file moves to another page. This page is read only for the
 * table, and takes RAM and flash. The cuts must save more than that, too.
 */
static int cut_if_worth(struct finding *finding, uint32_t number, struct content_cuts *cuts,
                        struct content_worth *sum)
{
    struct content_cuts none = {0};
    struct content_worth without;
    int error = cut_within(finding, number, cuts, sum);
    if (error || !cuts->count)
        return error;
    error = cut_content(finding, number, 0, &none, &without);
    free(none.pages);
    if (error || sum->worth - without.worth > (int64_t)finding->candidates->options->page_size)
        return error;
    *sum = without;
    cuts->count = 0;
    return 0;
}

static int add_content(struct finding *finding, uint32_t number)
{
    struct content_cuts cuts = {.content = number};
    struct content_worth sum = {0};
    int error = cut_if_worth(finding, number, &cuts, &sum);
    if (!error && cuts.count) {
        if (!ARRAY_GROW(finding->out, list))
            error = -CRAMFS_ERR_MEMORY;
        else
            finding->out->list[finding->out->list_count++] = cuts;
    }
    if (error || !cuts.count)
        free(cuts.pages);
    finding->out->cost += sum.cost;
    return error;
}

static uint32_t longest_segment(const struct candidates *candidates)
{
    uint32_t longest = 0;
    for (size_t i = 0; i < candidates->list_count; i++) {
        if (candidates->list[i].pages > longest)
            longest = candidates->list[i].pages;
    }
    return longest;
}

int cuts_find(const struct candidates *candidates, uint64_t price, struct cuts *cuts)
{
    *cuts = (struct cuts){0};
    uint64_t pages = (uint64_t)longest_segment(candidates) + 1;
    struct finding finding = {
        .candidates = candidates,
        .price = price,
        .shift = shift_of(candidates),
        .out = cuts,
        .value = array_create(pages, sizeof(*finding.value)),
        .page_cost = array_create(pages, sizeof(*finding.page_cost)),
        .more = array_create((uint64_t)candidates->options->split + 1, sizeof(*finding.more)),
    };
    int error = finding.value && finding.page_cost && finding.more ? 0 : -CRAMFS_ERR_MEMORY;
    for (uint32_t i = 0; !error && i < candidates->encoded->contents_count; i++) {
        if (candidates->first_candidate[i] < candidates->first_candidate[i + 1])
            error = add_content(&finding, i);
    }
    free(finding.value);
    free(finding.page_cost);
    free(finding.more);
    return error;
}

void cuts_free(struct cuts *cuts)
{
    for (size_t i = 0; i < cuts->list_count; i++)
        free(cuts->list[i].pages);
    free(cuts->list);
    *cuts = (struct cuts){0};
}
