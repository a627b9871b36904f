/*
 * The bytes that each entry takes, with everything below it.
 */
#include <stdlib.h>
#include <sys/stat.h>

#include "report/usage/du.h"

#define TOO_DEEP UINT32_MAX

static bool is_directory(const struct cramfs_view *view, uint32_t entry)
{
    return S_ISDIR(view->survey->entries.list[entry].inode.mode) || entry == 0;
}

static void charge(const struct cramfs_view *view, const struct cramfs_usage *usage,
                   struct du_sum *sums)
{
    const struct cramfs_entries *entries = &view->survey->entries;
    for (uint32_t i = 0; i < entries->list_count; i++) {
        sums[i].entry = i;
        sums[i].bytes = usage->charged[i];
        sums[i].shared = usage->borrowed[i];
        sums[is_directory(view, i) ? i : entries->list[i].parent].own += usage->charged[i];
    }
    for (size_t i = 0; i < usage->pieces_count; i++) {
        if (usage->pieces[i].kind == CRAMFS_USAGE_IN_PLACE)
            sums[usage->pieces[i].owner].in_place += usage->pieces[i].length;
    }
    /* From the end: the entries of a directory come after it. */
    for (uint32_t i = entries->list_count; i-- > 1;) {
        struct du_sum *parent = &sums[entries->list[i].parent];
        parent->bytes += sums[i].bytes;
        parent->in_place += sums[i].in_place;
        parent->shared += sums[i].shared;
    }
}

struct du_sum *du_sum_tree(const struct cramfs_view *view, const struct cramfs_usage *usage)
{
    struct du_sum *sums = calloc(view->survey->entries.list_count, sizeof(*sums));
    if (sums)
        charge(view, usage, sums);
    return sums;
}

/* Keeps those of the entries that `wanted` has, most bytes first. */
static void keep(const bool *wanted, uint32_t count, struct du_table *table)
{
    for (uint32_t i = 0; i < count; i++) {
        if (wanted[i])
            table->list[table->count++] = table->list[i];
    }
    qsort(table->list, table->count, sizeof(*table->list), du_compare);
}

/* The chosen entries, and the entries below them, down to a depth. */
static int find_chosen(const struct cramfs_view *view, const struct cramfs_du_options *options,
                       bool *wanted)
{
    const struct cramfs_entries *entries = &view->survey->entries;
    uint32_t *levels = malloc(entries->list_count * sizeof(*levels));
    if (!levels)
        return -CRAMFS_ERR_MEMORY;
    for (uint32_t i = 0; i < entries->list_count; i++) {
        uint32_t above = i ? levels[entries->list[i].parent] : TOO_DEEP;
        levels[i] = above == TOO_DEEP ? TOO_DEEP : above + 1;
        if (levels[i] > options->depth)
            levels[i] = TOO_DEEP;
        if (options->chosen[i])
            levels[i] = 0;
        wanted[i] = levels[i] != TOO_DEEP;
    }
    free(levels);
    return 0;
}

static int make_table(const struct cramfs_view *view, const struct cramfs_usage *usage,
                      struct du_table *table, bool **wanted)
{
    uint32_t count = view->survey->entries.list_count;
    *table = (struct du_table){.list = du_sum_tree(view, usage)};
    *wanted = calloc(count, sizeof(**wanted));
    return table->list && *wanted ? 0 : -CRAMFS_ERR_MEMORY;
}

int du_list_kind(const struct cramfs_view *view, const struct cramfs_usage *usage, bool directories,
                 struct du_table *table)
{
    bool *wanted;
    uint32_t count = view->survey->entries.list_count;
    int error = make_table(view, usage, table, &wanted);
    for (uint32_t i = 0; !error && i < count; i++)
        wanted[i] = is_directory(view, i) == directories;
    if (!error)
        keep(wanted, count, table);
    free(wanted);
    return error;
}

int du_list_chosen(const struct cramfs_view *view, const struct cramfs_usage *usage,
                   const struct cramfs_du_options *options, struct du_table *table)
{
    bool *wanted;
    int error = make_table(view, usage, table, &wanted);
    if (!error)
        error = find_chosen(view, options, wanted);
    if (!error)
        keep(wanted, view->survey->entries.list_count, table);
    free(wanted);
    return error;
}

void du_table_free(struct du_table *table)
{
    free(table->list);
}
