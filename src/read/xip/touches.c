#include "read/xip/touches.h"

#include <stdlib.h>

#include "base/array.h"

int xip_touches_open(struct xip_touches *touches, const struct cramfs_survey *survey,
                     const struct cramfs_profile *profile)
{
    uint32_t count = survey->entries.list_count;
    *touches = (struct xip_touches){.profile = profile};
    if (!profile)
        return 0;
    touches->of = calloc(count + 1, sizeof(*touches->of));
    touches->next = malloc((count + 1) * sizeof(*touches->next));
    if (!touches->of || !touches->next)
        return -CRAMFS_ERR_MEMORY;
    for (uint32_t i = 0; i < count; i++)
        touches->next[i] = CRAMFS_NO_ENTRY;
    for (uint32_t i = 0; i < count; i++) {
        char path[CRAMFS_PATH_SIZE];
        cramfs_entry_path(&survey->entries, i, path, sizeof(path));
        touches->of[i] = cramfs_profile_find(profile, path);
        uint32_t first = survey->inode[i];
        if (!touches->of[i] || first == CRAMFS_NO_ENTRY || first == i)
            continue;
        touches->next[i] = touches->next[first];
        touches->next[first] = i;
    }
    return 0;
}

void xip_touches_close(struct xip_touches *touches)
{
    free(touches->of);
    free(touches->next);
    *touches = (struct xip_touches){0};
}

static uint64_t count(const struct xip_touches *touches, uint32_t entry, uint64_t offset,
                      uint32_t page_size)
{
    uint64_t sum = 0;
    for (uint32_t i = entry; i != CRAMFS_NO_ENTRY; i = touches->next[i]) {
        uint64_t found =
            touches->of[i] ? cramfs_profile_touches(touches->of[i], offset, page_size) : 0;
        sum = found > UINT64_MAX - sum ? UINT64_MAX : sum + found;
    }
    return sum;
}

int xip_touches_take(const struct xip_touches *touches, const struct cramfs_table *table,
                     const bool *direct, struct cramfs_xip_file *file,
                     struct cramfs_xip_report *report)
{
    uint32_t pages = touches->profile ? cramfs_block_count(table->size, table->page_size) : 0;
    for (uint32_t i = 0; i < pages; i++) {
        uint64_t offset = (uint64_t)i * table->page_size;
        uint64_t found = count(touches, file->entry, offset, table->page_size);
        file->touched_pages += found > 0;
        file->touched_direct_pages += found && direct[i];
        if (!found || direct[i])
            continue;
        if (!ARRAY_GROW(report, missed))
            return -CRAMFS_ERR_MEMORY;
        report->missed[report->missed_count++] =
            (struct cramfs_xip_missed){.entry = file->entry, .offset = offset, .touches = found};
    }
    return 0;
}

static int compare(const void *first, const void *second)
{
    const struct cramfs_xip_missed *a = first;
    const struct cramfs_xip_missed *b = second;
    if (a->touches != b->touches)
        return a->touches > b->touches ? -1 : 1;
    if (a->entry != b->entry)
        return a->entry < b->entry ? -1 : 1;
    return a->offset < b->offset ? -1 : a->offset > b->offset;
}

void xip_touches_sort(struct cramfs_xip_report *report)
{
    if (report->missed_count)
        qsort(report->missed, report->missed_count, sizeof(*report->missed), compare);
}
