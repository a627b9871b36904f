#include "report/diff/print_growth.h"

#include <inttypes.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "report/diff/segments.h"
#include "report/text.h"

enum { MOST_LINES = 20 };

/*
 * `there`: whether the path is in the old and in the new image; it can be without a byte charged to
 * it.
 */
static void print_sizes(FILE *out, const uint64_t bytes[2], const bool there[2])
{
    fprintf(out, "%10" PRIu64 " %10" PRIu64 " %+11" PRId64 " ", bytes[0], bytes[1],
            (int64_t)(bytes[1] - bytes[0]));
    if (!there[0] || !there[1])
        fprintf(out, "%8s ", there[1] ? "new" : "gone");
    else if (!bytes[0])
        fprintf(out, "%8s ", "-");
    else
        fprintf(out, "%+7.1f%% ", 100.0 * ((double)bytes[1] - (double)bytes[0]) / (double)bytes[0]);
}

static void print_head(FILE *out, const char *what)
{
    fprintf(out, "\n%10s %10s %11s %8s %s\n", "old bytes", "new bytes", "change", "growth", what);
}

static void print_more(FILE *out, size_t count)
{
    if (count > MOST_LINES)
        fprintf(out, "%10s (%zu more)\n", "", count - MOST_LINES);
}

/* The side that has the path, the new one when both have. */
static int side_of(const uint32_t entries[2])
{
    return entries[1] == CRAMFS_NO_ENTRY ? 0 : 1;
}

static bool is_directory(const struct cramfs_diff *diff, const struct cramfs_growth *growth)
{
    int side = side_of(growth->entries);
    uint32_t entry = growth->entries[side];
    return entry == 0 || S_ISDIR(diff->views[side]->survey->entries.list[entry].inode.mode);
}

static void print_entries(FILE *out, const struct cramfs_diff *diff, bool directories)
{
    size_t count = 0;
    char path[TEXT_PATH_SIZE];
    for (size_t i = 0; i < diff->growths_count; i++) {
        const struct cramfs_growth *growth = &diff->growths[i];
        const bool there[2] = {growth->entries[0] != CRAMFS_NO_ENTRY,
                               growth->entries[1] != CRAMFS_NO_ENTRY};
        int side = side_of(growth->entries);
        if (is_directory(diff, growth) != directories || count++ >= MOST_LINES)
            continue;
        if (count == 1)
            print_head(out, directories ? "directory, largest change first"
                                        : "file, largest change first");
        print_sizes(out, growth->bytes, there);
        fprintf(out, "%s\n",
                text_entry_path(diff->views[side]->survey, growth->entries[side], path));
    }
    print_more(out, count);
}

static void print_segments(FILE *out, const struct segment_rows *rows)
{
    char flags[4];
    for (size_t i = 0; i < rows->list_count; i++) {
        const struct segment_row *row = &rows->list[i];
        print_sizes(out, row->bytes, row->there);
        if (row->number < 0)
            fputs("  in no segment\n", out);
        else
            fprintf(out, "  segment %" PRId64 " %s\n", row->number, text_flags(row->flags, flags));
    }
}

static bool differ(const struct segment_rows *rows)
{
    for (size_t i = 0; i < rows->list_count; i++) {
        if (rows->list[i].bytes[0] != rows->list[i].bytes[1])
            return true;
    }
    return false;
}

static int print_elf(FILE *out, const struct cramfs_diff *diff, const struct cramfs_change *change,
                     struct block_reader *reader, bool *printed)
{
    struct segment_rows rows;
    char path[TEXT_PATH_SIZE];
    uint64_t sizes[2];
    int error = segments_compare(diff, change, reader, &rows);
    if (!error && differ(&rows)) {
        if (!*printed)
            print_head(out, "segments of ELF files, in bytes of the file");
        *printed = true;
        for (int side = 0; side < 2; side++)
            sizes[side] = diff->views[side]->survey->entries.list[change->entries[side]].inode.size;
        print_sizes(out, sizes, (const bool[2]){true, true});
        fprintf(out, "%s\n", text_entry_path(diff->views[1]->survey, change->entries[1], path));
        print_segments(out, &rows);
    }
    free(rows.list);
    return error;
}

static int print_elves(FILE *out, const struct cramfs_diff *diff)
{
    struct block_reader *reader = block_reader_create();
    size_t *list = NULL;
    size_t count = 0;
    bool printed = false;
    int error = reader ? segments_find_files(diff, reader, &list, &count) : -CRAMFS_ERR_MEMORY;
    for (size_t i = 0; !error && i < count && i < MOST_LINES; i++)
        error = print_elf(out, diff, &diff->changes[list[i]], reader, &printed);
    if (!error)
        print_more(out, count);
    free(list);
    block_reader_free(reader);
    return error;
}

int print_growth(FILE *out, const struct cramfs_diff *diff)
{
    print_entries(out, diff, true);
    print_entries(out, diff, false);
    return print_elves(out, diff);
}
