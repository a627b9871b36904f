#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "report/what_if/what_if.h"

/* So that a line has 80 columns at most, unless a name is long. */
enum { NAMES_WIDTH = 34, MORE_WIDTH = 10 };

/* Adds the last part of a path, if it is the first or there is room. Returns its columns, or 0. */
static size_t put_name(const struct what_if_report *report, const struct cramfs_what_if_file *file,
                       size_t used)
{
    const char *name = report->tree->nodes[file->node]->name;
    char shown[CRAMFS_ESCAPED_SIZE(CRAMFS_MAX_NAME)];
    size_t length = strlen(cramfs_escape(name, strlen(name), shown, sizeof(shown)));
    if (used && used + 2 + length + MORE_WIDTH > NAMES_WIDTH)
        return 0;
    fprintf(report->out, "%s%s", used ? ", " : "  ", shown);
    return length + 2;
}

/* The files that get the most pages in place at the point, and how many other files change. */
static int put_files(const struct what_if_report *report, const struct cramfs_what_if_point *point)
{
    struct cramfs_what_if_file *files = calloc(point->files_count + 1, sizeof(*files));
    size_t named = 0;
    size_t used = 0;
    if (!files)
        return -CRAMFS_ERR_MEMORY;
    what_if_largest(report->curve, point, files);
    while (named < point->files_count && files[named].added > 0) {
        size_t columns = put_name(report, &files[named], used);
        if (!columns)
            break;
        used += columns;
        named++;
    }
    if (named < point->files_count)
        fprintf(report->out, "%s%zu more", named ? ", " : "  ", point->files_count - named);
    putc('\n', report->out);
    free(files);
    return 0;
}

static void put_head(const struct what_if_report *report)
{
    const struct cramfs_what_if *curve = report->curve;
    fprintf(report->out, "image: %" PRIu64 " bytes with nothing in place, ", curve->bare_size);
    if (curve->full_size == UINT64_MAX)
        fputs("more than the format's limit with everything\n", report->out);
    else
        fprintf(report->out, "%" PRIu64 " with everything\n", curve->full_size);
    fputs(report->options->profile
              ? "RAM: pages that the profile touched and that are in place\n"
              : "RAM: an upper bound, as if every page were touched; a profile shows which are\n",
          report->out);
    fputs("next: KiB of RAM for the next KiB of flash\n\n", report->out);
    fputs("      image  flash KiB    RAM KiB    next  files that come in\n", report->out);
}

static void put_bound(const struct what_if_report *report)
{
    const struct cramfs_what_if *curve = report->curve;
    if (!report->bound)
        return;
    if (curve->bound_point == CRAMFS_WHAT_IF_NONE)
        fprintf(report->out,
                "\n%s: %" PRIu64 " bytes are %" PRIu64 " less than with nothing in place\n",
                report->bound->name, report->bound->size, curve->bare_size - report->bound->size);
    else
        fprintf(report->out, "\n*: %s of %" PRIu64 " bytes\n", report->bound->name,
                report->bound->size);
}

int what_if_text(const struct what_if_report *report)
{
    const struct cramfs_what_if *curve = report->curve;
    char number[WHAT_IF_NUMBER_SIZE];
    int error = 0;
    put_head(report);
    for (size_t i = 0; !error && i < curve->points_count; i++) {
        const struct cramfs_what_if_point *point = &curve->points[i];
        fprintf(report->out, "%c%10" PRIu64 " %10" PRIu64 " %10" PRIu64 " %7s",
                report->bound && curve->bound_point == i ? '*' : ' ', point->image_size,
                point->flash_cost / 1024, point->ram_saved / 1024,
                what_if_marginal_text(curve, i, "-", number));
        error = put_files(report, point);
    }
    put_bound(report);
    return error;
}
