/*
 * The part of the text of the XIP report that a profile adds.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "cramfs/diag.h"
#include "report/text.h"
#include "report/xip/print.h"

/* At most this number of lines for each list; the JSON form lists all. */
enum { MOST_LINES = 20 };

static void print_rest(FILE *out, size_t count)
{
    if (count > MOST_LINES)
        fprintf(out, "%8s(%zu more; the JSON form lists all)\n", "", count - MOST_LINES);
}

static void print_missed(const struct cramfs_survey *survey, const struct cramfs_xip_report *report,
                         FILE *out)
{
    char path[TEXT_PATH_SIZE];
    if (report->missed_count)
        fputs("touched and not direct, most touches first: touches, file, offset of the page\n",
              out);
    for (size_t i = 0; i < report->missed_count && i < MOST_LINES; i++)
        fprintf(out, "%8" PRIu64 " %s 0x%06" PRIx64 "\n", report->missed[i].touches,
                text_entry_path(survey, report->missed[i].entry, path), report->missed[i].offset);
    print_rest(out, report->missed_count);
}

static uint64_t idle_pages(const struct cramfs_survey *survey, const struct cramfs_xip_file *file)
{
    return xip_further_name(survey, file->entry) ? 0 : cramfs_xip_untouched_pages(file);
}

struct idle {
    const struct cramfs_xip_file *file;
    uint64_t pages;
};

static int most_first(const void *first, const void *second)
{
    const struct idle *a = first;
    const struct idle *b = second;
    if (a->pages != b->pages)
        return a->pages > b->pages ? -1 : 1;
    return a->file < b->file ? -1 : a->file > b->file;
}

static int print_idle(const struct cramfs_survey *survey, const struct cramfs_xip_report *report,
                      FILE *out)
{
    char path[TEXT_PATH_SIZE];
    size_t count = 0;
    struct idle *idle = calloc(report->files_count + 1, sizeof(*idle));
    if (!idle)
        return -CRAMFS_ERR_MEMORY;
    for (size_t i = 0; i < report->files_count; i++) {
        idle[count] = (struct idle){&report->files[i], idle_pages(survey, &report->files[i])};
        count += idle[count].pages > 0;
    }
    qsort(idle, count, sizeof(*idle), most_first);
    if (count)
        fputs("direct and not touched, most pages first: pages, file\n", out);
    for (size_t i = 0; i < count && i < MOST_LINES; i++)
        fprintf(out, "%8" PRIu64 " %s\n", idle[i].pages,
                text_entry_path(survey, idle[i].file->entry, path));
    print_rest(out, count);
    free(idle);
    return 0;
}

int xip_print_profile(const struct cramfs_image *image, const struct cramfs_survey *survey,
                      const struct cramfs_xip_report *report, FILE *out)
{
    fprintf(out,
            "\nprofile: %" PRIu64 " pages touched, %" PRIu64 " touched pages direct: %" PRIu64
            " bytes of RAM saved; %" PRIu64 " direct pages not touched\n",
            report->touched_pages, report->touched_direct_pages,
            report->touched_direct_pages * image->page_size,
            report->direct_pages - report->touched_direct_pages);
    print_missed(survey, report, out);
    return print_idle(survey, report, out);
}
