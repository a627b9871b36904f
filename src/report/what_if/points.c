/*
 * The facts of a point that all forms show.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "report/what_if/what_if.h"

const char *what_if_marginal_text(const struct cramfs_what_if *curve, size_t point,
                                  const char *none, char to[WHAT_IF_NUMBER_SIZE])
{
    int64_t number;
    if (!cramfs_what_if_marginal(curve, point, &number)) {
        snprintf(to, WHAT_IF_NUMBER_SIZE, "%s", none);
        return to;
    }
    uint64_t size = (uint64_t)(number < 0 ? -number : number);
    snprintf(to, WHAT_IF_NUMBER_SIZE, "%s%" PRIu64 ".%03u", number < 0 ? "-" : "", size / 1000,
             (unsigned)(size % 1000));
    return to;
}

static int compare_added(const void *first, const void *second)
{
    const struct cramfs_what_if_file *a = first;
    const struct cramfs_what_if_file *b = second;
    if (a->added != b->added)
        return a->added < b->added ? 1 : -1;
    return a->node < b->node ? -1 : 1;
}

void what_if_largest(const struct cramfs_what_if *curve, const struct cramfs_what_if_point *point,
                     struct cramfs_what_if_file *to)
{
    if (!point->files_count)
        return;
    memcpy(to, &curve->files[point->first_file], point->files_count * sizeof(*to));
    qsort(to, point->files_count, sizeof(*to), compare_added);
}
