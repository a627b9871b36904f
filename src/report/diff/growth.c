/*
 * How much more or less of an image each path takes.
 */
#include <stdlib.h>

#include "base/array.h"
#include "report/diff/diff.h"

static uint64_t distance(const struct cramfs_growth *growth)
{
    return growth->bytes[0] > growth->bytes[1] ? growth->bytes[0] - growth->bytes[1]
                                               : growth->bytes[1] - growth->bytes[0];
}

/*
 * The largest change first. Of equal changes, paths of the new image come first, in its order, then
 * paths that are gone.
 */
static int compare(const void *first, const void *second)
{
    const struct cramfs_growth *a = first;
    const struct cramfs_growth *b = second;
    if (distance(a) != distance(b))
        return distance(a) > distance(b) ? -1 : 1;
    if (a->entries[1] != b->entries[1])
        return a->entries[1] < b->entries[1] ? -1 : 1;
    return a->entries[0] < b->entries[0] ? -1 : a->entries[0] > b->entries[0];
}

static int add(struct cramfs_diff *diff, struct du_sum *const sums[2], uint32_t before,
               uint32_t after)
{
    struct cramfs_growth growth = {.entries = {before, after}};
    for (int side = 0; side < 2; side++) {
        uint32_t entry = growth.entries[side];
        growth.bytes[side] = entry == CRAMFS_NO_ENTRY ? 0 : sums[side][entry].bytes;
    }
    if (growth.bytes[0] == growth.bytes[1])
        return 0;
    if (!ARRAY_GROW(diff, growths))
        return -CRAMFS_ERR_MEMORY;
    diff->growths[diff->growths_count++] = growth;
    return 0;
}

int diff_growth(struct cramfs_diff *diff, struct du_sum *const sums[2])
{
    uint32_t old_count = diff->views[0]->survey->entries.list_count;
    uint32_t new_count = diff->views[1]->survey->entries.list_count;
    bool *paired = calloc(new_count, sizeof(*paired));
    int error = paired ? 0 : -CRAMFS_ERR_MEMORY;
    for (uint32_t i = 0; !error && i < old_count; i++) {
        uint32_t after = diff->new_entries[i];
        if (after != CRAMFS_NO_ENTRY)
            paired[after] = true;
        error = add(diff, sums, i, after);
    }
    for (uint32_t i = 0; !error && i < new_count; i++) {
        if (!paired[i])
            error = add(diff, sums, CRAMFS_NO_ENTRY, i);
    }
    free(paired);
    if (diff->growths_count)
        qsort(diff->growths, diff->growths_count, sizeof(*diff->growths), compare);
    return error;
}
