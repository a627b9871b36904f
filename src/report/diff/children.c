#include "report/diff/children.h"

#include <stdlib.h>

#include "cramfs/diag.h"
#include "read/names.h"

/* Of entries with one name, the first one of the image comes first: both are in one array. */
static int compare(const void *first, const void *second)
{
    const struct cramfs_entry *const *a = first;
    const struct cramfs_entry *const *b = second;
    int order = name_compare(*a, *b);
    return order ? order : *a < *b ? -1 : *a > *b;
}

/*
 * One pass sorts by parent, since the children of each directory are counted. Then each directory
 * is sorted by name.
 */
int children_sort(const struct cramfs_entries *entries, struct children *children)
{
    uint32_t count = entries->list_count;
    children->sorted = calloc(count, sizeof(*children->sorted));
    children->first = calloc((size_t)count + 2, sizeof(*children->first));
    if (!children->sorted || !children->first)
        return -CRAMFS_ERR_MEMORY;
    uint32_t *next = children->first + 1; /* by entry: where its next child goes */
    for (uint32_t i = 1; i < count; i++)
        next[entries->list[i].parent + 1]++;
    for (uint32_t i = 1; i <= count; i++)
        next[i] += next[i - 1];
    for (uint32_t i = 1; i < count; i++)
        children->sorted[next[entries->list[i].parent]++] = &entries->list[i];
    for (uint32_t i = 0; i < count; i++)
        qsort(children->sorted + children->first[i], children->first[i + 1] - children->first[i],
              sizeof(*children->sorted), compare);
    return 0;
}

void children_free(struct children *children)
{
    free(children->sorted);
    free(children->first);
}
