#include "report/list/marks.h"

#include <stdlib.h>
#include <string.h>

#include "cramfs/xip_report.h"
#include "read/xip/xip.h"

/* The inodes of listed entries that have pages in place: only these are examined. */
static void find_candidates(const struct cramfs_view *view, const struct pages *pages,
                            const bool *listed, bool *candidates)
{
    const struct cramfs_survey *survey = view->survey;
    for (uint32_t i = 0; i < survey->entries.list_count; i++) {
        if (listed[i] && pages[i].in_place && survey->inode[i] != CRAMFS_NO_ENTRY)
            candidates[survey->inode[i]] = true;
    }
}

static bool all_direct(const struct cramfs_view *view, const struct cramfs_xip_file *file)
{
    uint32_t size = view->survey->entries.list[file->entry].inode.size;
    bool whole_pages = size % view->image->page_size == 0;
    if (file->kind == CRAMFS_PROGRAM_MAPPED)
        return file->direct_pages && !cramfs_xip_lost_pages(file);
    return file->direct_pages + whole_pages >= file->whole.pages && file->direct_pages;
}

static char mark_of(const struct cramfs_view *view, const struct pages *pages, uint32_t entry,
                    const bool *whole)
{
    if (cramfs_view_damaged(view, entry))
        return '!';
    if (!pages[entry].in_place)
        return '-';
    return whole[view->survey->inode[entry]] ? 'X' : 'x';
}

char *marks_find(const struct cramfs_view *view, const struct pages *pages, const bool *listed)
{
    uint32_t count = view->survey->entries.list_count;
    enum cramfs_kernel kernel = view->image->unaligned ? CRAMFS_KERNEL_NOMMU : CRAMFS_KERNEL_MMU;
    struct cramfs_xip_report report = {0};
    char *marks = malloc(count);
    bool *looked_at = calloc(count, sizeof(*looked_at));
    int error = marks && looked_at ? 0 : -CRAMFS_ERR_MEMORY;
    if (!error) {
        find_candidates(view, pages, listed, looked_at);
        error = xip_report_chosen(view->image, view->survey, kernel, looked_at, &report);
    }
    if (!error) {
        memset(looked_at, 0, count * sizeof(*looked_at)); /* now: all pages are direct */
        for (size_t i = 0; i < report.files_count; i++)
            looked_at[report.files[i].entry] = all_direct(view, &report.files[i]);
        for (uint32_t i = 0; i < count; i++)
            marks[i] = mark_of(view, pages, i, looked_at);
    }
    cramfs_xip_report_free(&report);
    free(looked_at);
    if (error) {
        free(marks);
        marks = NULL;
    }
    return marks;
}
