#include <inttypes.h>
#include <stdint.h>
#include <sys/stat.h>

#include "base/options.h"
#include "report/text.h"
#include "report/usage/du.h"

enum { MOST_FILES = 20 };

struct printing {
    FILE *out;
    const struct cramfs_view *view;
    uint64_t total;
};

static void print_share(const struct printing *printing, uint64_t bytes)
{
    double share = printing->total ? 100.0 * (double)bytes / (double)printing->total : 0.0;
    fprintf(printing->out, "%10" PRIu64 " %5.1f%%", bytes, share);
}

static void print_kinds(const struct printing *printing, const struct du *du)
{
    uint64_t shared = 0;
    fprintf(printing->out, "%10s %6s %10s %s\n", "bytes", "share", "shared", "kind");
    for (size_t i = 0; i < du->kinds_count; i++) {
        const struct du_sum *sum = &du->kinds[i];
        shared += sum->shared;
        print_share(printing, sum->bytes);
        fprintf(printing->out, " %10" PRIu64 " %s\n", sum->shared, sum->name);
    }
    print_share(printing, printing->total);
    fprintf(printing->out, " %10" PRIu64 " total\n", shared);
}

static void print_types(const struct printing *printing, const struct du *du)
{
    fprintf(printing->out, "\n%10s %6s %10s %8s %s\n", "bytes", "share", "shared", "entries",
            "type");
    for (size_t i = 0; i < du->types_count; i++) {
        const struct du_sum *sum = &du->types[i];
        print_share(printing, sum->bytes);
        fprintf(printing->out, " %10" PRIu64 " %8" PRIu64 " %s\n", sum->shared, sum->entries,
                sum->name);
    }
}

/*
 * The bytes that it takes in place, those that it takes otherwise, and those charged to another
 * entry.
 */
static void print_entry(const struct printing *printing, const struct du_sum *sum)
{
    const struct cramfs_survey *survey = printing->view->survey;
    char path[TEXT_PATH_SIZE];
    bool directory = sum->entry && S_ISDIR(survey->entries.list[sum->entry].inode.mode);
    print_share(printing, sum->bytes);
    fprintf(printing->out, " %10" PRIu64 " %10" PRIu64 " %10" PRIu64 " %s%s\n", sum->in_place,
            sum->bytes - sum->in_place, sum->shared, text_entry_path(survey, sum->entry, path),
            directory ? "/" : "");
}

static void print_entries(const struct printing *printing, const struct du_table *table,
                          size_t most, const char *what)
{
    fprintf(printing->out, "%10s %6s %10s %10s %10s %s\n", "bytes", "share", "in place",
            "otherwise", "shared", what);
    for (size_t i = 0; i < table->count && i < most; i++)
        print_entry(printing, &table->list[i]);
    if (table->count > most)
        fprintf(printing->out, "%10s (%zu more)\n", "", table->count - most);
}

static void print_directories(const struct printing *printing, const struct du_table *table)
{
    fprintf(printing->out, "\n%10s %6s %10s %10s %10s %s\n", "bytes", "share", "own", "in place",
            "shared", "directory");
    for (size_t i = 0; i < table->count; i++) {
        const struct du_sum *sum = &table->list[i];
        char path[TEXT_PATH_SIZE];
        print_share(printing, sum->bytes);
        fprintf(printing->out, " %10" PRIu64 " %10" PRIu64 " %10" PRIu64 " %s\n", sum->own,
                sum->in_place, sum->shared,
                text_entry_path(printing->view->survey, sum->entry, path));
    }
}

static void print_savings(FILE *out, const struct cramfs_savings *savings)
{
    fprintf(out, "\n%10" PRIu64 " saved by %" PRIu64 " shared blocks\n", savings->shared_bytes,
            savings->shared_blocks);
    fprintf(out, "%10" PRIu64 " saved by %" PRIu64 " shared inodes\n", savings->inode_bytes,
            savings->shared_inodes);
    fprintf(out, "%10" PRIu64 " zeroes left out in %" PRIu64 " holes\n", savings->hole_bytes,
            savings->holes);
}

static int print_all(const struct printing *printing, const struct cramfs_usage *usage)
{
    struct du du;
    struct du_table directories = {0};
    struct du_table files = {0};
    int error = du_sum_up(printing->view, usage, &du);
    if (!error)
        error = du_list_kind(printing->view, usage, true, &directories);
    if (!error)
        error = du_list_kind(printing->view, usage, false, &files);
    if (!error) {
        print_kinds(printing, &du);
        print_types(printing, &du);
        print_directories(printing, &directories);
        fputc('\n', printing->out);
        print_entries(printing, &files, MOST_FILES, "file");
        print_savings(printing->out, &usage->savings);
    }
    du_table_free(&directories);
    du_table_free(&files);
    return error;
}

static int print_chosen(const struct printing *printing, const struct cramfs_usage *usage,
                        const struct cramfs_du_options *options)
{
    struct du_table table;
    int error = du_list_chosen(printing->view, usage, options, &table);
    if (!error)
        print_entries(printing, &table, SIZE_MAX, "entry");
    du_table_free(&table);
    return error;
}

int cramfs_print_usage(FILE *out, const struct cramfs_view *view, const struct cramfs_usage *usage,
                       const struct cramfs_du_options *given)
{
    const struct cramfs_image *image = view->image;
    struct printing printing = {out, view, image->reader.size};
    struct cramfs_du_options options;
    options_copy(&options, sizeof(options), given);
    int error =
        options.chosen ? print_chosen(&printing, usage, &options) : print_all(&printing, usage);
    if (!error && !options.chosen && image->file_size > image->reader.size)
        fprintf(out, "%10" PRIu64 " after the file system are not part of it\n",
                image->file_size - image->reader.size);
    return error ? error : ferror(out) ? -CRAMFS_ERR_IO : 0;
}
