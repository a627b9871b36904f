#include "read/xip/touches.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/saturate.h"
#include "xip/profile_file.h"

int xip_touches_open(struct xip_touches *touches, const struct cramfs_survey *survey,
                     const struct cramfs_profile *profile, uint32_t most_pages)
{
    uint32_t count = survey->entries.list_count;
    *touches = (struct xip_touches){.profile = profile};
    if (!profile)
        return 0;
    touches->profiled = calloc(count + 1, sizeof(*touches->profiled));
    touches->next = malloc((count + 1) * sizeof(*touches->next));
    touches->counts = malloc(most_pages * sizeof(*touches->counts));
    if (!touches->profiled || !touches->next || !touches->counts)
        return -CRAMFS_ERR_MEMORY;
    for (uint32_t i = 0; i < count; i++)
        touches->next[i] = CRAMFS_NO_ENTRY;
    for (uint32_t i = 0; i < count; i++) {
        char path[CRAMFS_PATH_SIZE];
        cramfs_entry_path(&survey->entries, i, path, sizeof(path));
        touches->profiled[i] = cramfs_profile_find(profile, path);
        uint32_t first = survey->inode[i];
        if (!touches->profiled[i] || first == CRAMFS_NO_ENTRY || first == i)
            continue;
        touches->next[i] = touches->next[first];
        touches->next[first] = i;
    }
    return 0;
}

void xip_touches_close(struct xip_touches *touches)
{
    free(touches->profiled);
    free(touches->next);
    free(touches->counts);
    *touches = (struct xip_touches){0};
}

/* Adds the touches of one name to the counts. A touch after the end of the file counts nowhere. */
static void add_name(const struct xip_touches *touches, const struct cramfs_profile_file *profiled,
                     const struct cramfs_table *table, uint32_t pages)
{
    for (size_t i = 0; i < profiled->touches_count; i++) {
        const struct profile_touch *touch = &profiled->touches[i];
        uint64_t page = touch->offset / table->page_size;
        if (page >= pages)
            break; /* touches are in order of offset */
        saturating_add(&touches->counts[page], touch->count);
    }
}

int xip_touches_add(const struct xip_touches *touches, const struct cramfs_table *table,
                    const bool *direct, struct cramfs_xip_file *file,
                    struct cramfs_xip_report *report)
{
    if (!touches->profile)
        return 0;
    uint32_t pages = cramfs_block_count(table->size, table->page_size);
    memset(touches->counts, 0, pages * sizeof(*touches->counts));
    for (uint32_t i = file->entry; i != CRAMFS_NO_ENTRY; i = touches->next[i]) {
        if (touches->profiled[i])
            add_name(touches, touches->profiled[i], table, pages);
    }
    for (uint32_t i = 0; i < pages; i++) {
        uint64_t count = touches->counts[i];
        file->touched_pages += count > 0;
        file->touched_direct_pages += count && direct[i];
        if (!count || direct[i])
            continue;
        if (!ARRAY_GROW(report, missed))
            return -CRAMFS_ERR_MEMORY;
        report->missed[report->missed_count++] = (struct cramfs_xip_missed){
            .entry = file->entry, .offset = (uint64_t)i * table->page_size, .touches = count};
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
