#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "report/what_if/what_if.h"

/* A name in a quoted field: escaped as everywhere, quotes doubled, blanks as \040 between names. */
static int put_name(const struct what_if_report *report, const struct cramfs_what_if_file *file)
{
    char *path = cramfs_node_path(report->tree->nodes[file->node]);
    size_t length = path ? strlen(path) : 0;
    char *shown = path ? malloc(CRAMFS_ESCAPED_SIZE(length)) : NULL;
    if (shown)
        cramfs_escape(path, length, shown, CRAMFS_ESCAPED_SIZE(length));
    for (const char *at = shown; at && *at; at++) {
        if (*at == '"')
            putc('"', report->out);
        if (*at == ' ')
            fputs("\\040", report->out);
        else
            putc(*at, report->out);
    }
    int error = shown ? 0 : -CRAMFS_ERR_MEMORY;
    free(path);
    free(shown);
    return error;
}

/* The names of files that have more pages in place than at the point before. */
static int put_files(const struct what_if_report *report, const struct cramfs_what_if_point *point)
{
    bool first = true;
    int error = 0;
    putc('"', report->out);
    for (size_t i = 0; !error && i < point->files_count; i++) {
        const struct cramfs_what_if_file *file = &report->curve->files[point->first_file + i];
        if (file->added < 0)
            continue;
        if (!first)
            putc(' ', report->out);
        first = false;
        error = put_name(report, file);
    }
    fputs("\"\n", report->out);
    return error;
}

int what_if_csv(const struct what_if_report *report)
{
    const struct cramfs_what_if *curve = report->curve;
    char number[WHAT_IF_NUMBER_SIZE];
    int error = 0;
    fputs("budget,image_size,flash_cost,ram_saved,pages,touched_pages,ram_per_flash,limit,files\n",
          report->out);
    for (size_t i = 0; !error && i < curve->points_count; i++) {
        const struct cramfs_what_if_point *point = &curve->points[i];
        fprintf(report->out, "%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",",
                point->budget, point->image_size, point->flash_cost, point->ram_saved,
                point->pages);
        if (report->options->profile)
            fprintf(report->out, "%" PRIu64, point->touched_pages);
        fprintf(report->out, ",%s,%s,", what_if_marginal_text(curve, i, "", number),
                report->bound && curve->bound_point == i ? report->bound->name : "");
        error = put_files(report, point);
    }
    return error;
}
