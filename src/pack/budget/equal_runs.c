#include "pack/budget/equal_runs.h"

#include <stdlib.h>

#include "base/array.h"
#include "base/hash.h"

/*
 * All taken runs in one tree: a run is a path of blocks from the top down, and runs with equal
 * beginnings share the beginning of their paths. So no run is compared with another, however many
 * begin with the same pages. A path ends at a page that no other file has: no other run is equal.
 */
struct run_page {
    uint32_t before; /* the page before it in the run, or TOP */
    uint32_t block;
    bool ends; /* a run ends with this page */
};

enum { TOP = UINT32_MAX, UNIQUE = UINT32_MAX - 1 };

struct runs {
    const struct candidates *candidates;
    struct run_page *list;
    size_t list_count;
    size_t list_capacity;
    struct hash_index index;
    unsigned char *uses; /* by block: pages that may be it in place; 2: several */
};

struct wanted_page {
    const struct runs *runs;
    uint32_t before;
    uint32_t block;
};

static bool is_page(void *context, uint32_t number)
{
    const struct wanted_page *wanted = context;
    const struct run_page *page = &wanted->runs->list[number];
    return page->before == wanted->before && page->block == wanted->block;
}

static uint64_t hash_of(uint32_t before, uint32_t block)
{
    return hash_mix(hash_mix(0, before), block);
}

static bool find_page(const struct runs *runs, uint32_t before, uint32_t block, uint32_t *number)
{
    struct wanted_page wanted = {runs, before, block};
    return hash_index_find(&runs->index, hash_of(before, block), is_page, &wanted, number);
}

static int add_page(struct runs *runs, uint32_t before, uint32_t block, uint32_t *number)
{
    if (find_page(runs, before, block, number))
        return 0;
    if (!ARRAY_GROW(runs, list))
        return -CRAMFS_ERR_MEMORY;
    *number = (uint32_t)runs->list_count;
    runs->list[runs->list_count++] = (struct run_page){.before = before, .block = block};
    return hash_index_add(&runs->index, hash_of(before, block), *number);
}

static int count_uses(struct runs *runs)
{
    const struct encoded_tree *encoded = runs->candidates->encoded;
    runs->uses = calloc(encoded->store.blocks_count + 1, 1);
    for (size_t i = 0; runs->uses && i < encoded->refs_count; i++) {
        uint32_t placed = encoded->placed[i];
        if (placed != NO_BLOCK && runs->uses[placed] < 2)
            runs->uses[placed]++;
    }
    return runs->uses ? 0 : -CRAMFS_ERR_MEMORY;
}

static int add_runs(struct runs *runs, const struct content *content)
{
    const struct candidates *candidates = runs->candidates;
    uint32_t last = TOP;
    int error = 0;
    for (uint32_t i = 0; !error && i <= content->refs_count; i++) {
        size_t ref = content->first_ref + i;
        if (i < content->refs_count && candidates->taken[ref]) {
            uint32_t placed = candidates->encoded->placed[ref];
            if (last == UNIQUE || runs->uses[placed] < 2)
                last = UNIQUE;
            else
                error = add_page(runs, last, placed, &last);
        } else {
            if (last != TOP && last != UNIQUE)
                runs->list[last].ends = true;
            last = TOP;
        }
    }
    return error;
}

static bool is_taken(const struct candidates *candidates, uint32_t content, uint32_t page)
{
    const struct content *where = &candidates->encoded->contents[content];
    return page < where->refs_count && candidates->taken[where->first_ref + page];
}

/*
 * Whether no other candidate has taken pages after the candidate's prefix, and more of its pages
 * can be taken without taking another mapping's first page, too.
 */
static bool is_free(const struct candidates *candidates, const struct candidate *candidate)
{
    for (uint32_t i = candidate->taken; i < candidate->pages; i++) {
        if (is_taken(candidates, candidate->content, candidate->first_page + i))
            return false;
    }
    return candidate->pages && !candidate->joins[0] && !candidate->joins[1];
}

/*
 * Whether the candidate's pages follow those of the one before it in the list, and the taken pages
 * of the two are at their beginning.
 */
static bool continues(const struct candidate *candidate)
{
    const struct candidate *before = candidate - 1;
    return candidate->first_page == before->first_page + before->pages &&
           (!candidate->taken || before->taken == before->pages);
}

/*
 * Finds the candidates whose pages follow each other, from `first` on. The pages that are taken are
 * the first ones. Returns the number after the last candidate.
 */
static size_t adjacent_end(const struct candidates *candidates, size_t first)
{
    const struct candidate *list = candidates->list;
    size_t end = first;
    while (end < candidates->first_candidate[list[first].content + 1] &&
           is_free(candidates, &list[end]) && (end == first || continues(&list[end])))
        end++;
    return end;
}

/*
 * How many pages of the candidates, from the first one's first page on, equal a run; 0 if that is
 * no more than are taken. The pages right before and after these must not be in place, or all would
 * be one run.
 */
static uint32_t longest_equal(const struct runs *runs, size_t first, size_t end)
{
    const struct candidates *candidates = runs->candidates;
    const struct candidate *list = candidates->list;
    uint32_t content = list[first].content;
    uint32_t page = list[first].first_page;
    uint32_t pages = list[end - 1].first_page + list[end - 1].pages - page;
    const struct encoded_tree *encoded = candidates->encoded;
    const uint32_t *placed = &encoded->placed[encoded->contents[content].first_ref + page];
    uint32_t longest = 0;
    uint32_t taken = 0;
    uint32_t last = TOP;
    for (size_t i = first; i < end; i++)
        taken += list[i].taken;
    if (page && is_taken(candidates, content, page - 1))
        return 0;
    for (uint32_t i = 0; i < pages && find_page(runs, last, placed[i], &last); i++) {
        if (runs->list[last].ends && !is_taken(candidates, content, page + i + 1))
            longest = i + 1;
    }
    return longest > taken ? longest : 0;
}

/* Takes `pages` pages of the candidates from `first` on. */
static int take_pages(struct candidates *candidates, size_t first, uint32_t pages,
                      struct equal_runs *taken)
{
    while (pages) {
        struct candidate *candidate = &candidates->list[first];
        if (!ARRAY_GROW(taken, list))
            return -CRAMFS_ERR_MEMORY;
        uint32_t to = pages < candidate->pages ? pages : candidate->pages;
        taken->list[taken->list_count++] = (struct equal_run){(uint32_t)first++, candidate->taken};
        candidates_mark(candidates, candidate, candidate->taken, to, false);
        candidate->taken = to;
        pages -= to;
    }
    return 0;
}

int equal_runs_take(struct candidates *candidates, struct equal_runs *taken)
{
    struct runs runs = {.candidates = candidates};
    *taken = (struct equal_runs){0};
    int error = count_uses(&runs);
    for (size_t i = 0; !error && i < candidates->encoded->contents_count; i++)
        error = add_runs(&runs, &candidates->encoded->contents[i]);
    for (size_t i = 0, end; !error && i < candidates->list_count; i = end) {
        end = adjacent_end(candidates, i);
        if (end > i)
            error = take_pages(candidates, i, longest_equal(&runs, i, end), taken);
        else
            end++;
    }
    hash_index_free(&runs.index);
    free(runs.list);
    free(runs.uses);
    return error;
}

void equal_runs_drop(struct candidates *candidates, const struct equal_runs *taken)
{
    for (size_t i = 0; i < taken->list_count; i++) {
        const struct equal_run *run = &taken->list[i];
        struct candidate *candidate = &candidates->list[run->candidate];
        candidates_mark(candidates, candidate, run->from, candidate->taken, true);
        candidate->taken = run->from;
    }
}
