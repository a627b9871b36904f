#include "cramfs/profile.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/lower_bound.h"
#include "base/text/number.h"
#include "base/text/text_file.h"
#include "cramfs/codec.h"
#include "cramfs/elf.h"
#include "xip/csv.h"

enum { MOST_BYTES = 1 << 30 };

struct profile_touch {
    uint64_t offset;
    uint64_t count;
};

struct row {
    const char *path;
    struct profile_touch touch;
    const char *id; /* NULL when there is none */
    size_t line;
};

struct cramfs_profile_file {
    const char *path; /* from the root, without a slash in front */
    const char *id;
    struct profile_touch *touches; /* in order of offset */
    size_t touches_count;
};

struct cramfs_profile {
    char *text; /* what paths and ids point to */
    struct profile_touch *touches;
    struct cramfs_profile_file *files; /* in order of their paths */
    size_t files_count;
};

struct profile_reading {
    const char *path;
    struct cramfs_diags *diags;
    struct row *rows;
    size_t rows_count;
    size_t rows_capacity;
    int error;
};

static void fail_row(struct profile_reading *reading, size_t line, const char *what)
{
    char *where;
    if (asprintf(&where, "%s:%zu", reading->path, line) < 0)
        where = NULL;
    reading->error = cramfs_fail(reading->diags, CRAMFS_ERR_FORMAT, where, "%s", what);
    free(where);
}

static bool read_number(const char *text, uint64_t *number)
{
    bool hexadecimal = text[0] == '0' && (text[1] | 0x20) == 'x';
    text += hexadecimal ? 2 : 0;
    return number_read(text, strlen(text), hexadecimal ? 16 : 10, UINT64_MAX, number);
}

static bool is_hexadecimal(const char *text, size_t least, size_t most)
{
    size_t length = strspn(text, "0123456789abcdefABCDEF");
    return !text[length] && length >= least && length <= most;
}

static bool is_id(const char *text)
{
    if (strncmp(text, "crc32:", 6) == 0)
        return is_hexadecimal(text + 6, 8, 8);
    return strncmp(text, "build-id:", 9) == 0 && is_hexadecimal(text + 9, 2, 128);
}

/* The path without what does not count in front. */
static const char *from_root(const char *path)
{
    while (*path == '/' || (path[0] == '.' && path[1] == '/'))
        path++;
    return path;
}

static void take_row(struct profile_reading *reading, struct csv *csv)
{
    struct row row = {.line = csv->line};
    const char *fault = csv->fault;
    if (!fault && (csv->fields_count < 3 || csv->fields_count > 4))
        fault = "a row is a path, an offset, a count, and perhaps what the contents were";
    if (!fault && !read_number(csv->fields[1], &row.touch.offset))
        fault = "the offset is no number";
    if (!fault && !read_number(csv->fields[2], &row.touch.count))
        fault = "the count is no number";
    if (!fault && csv->fields_count == 4 && csv->fields[3][0])
        row.id = csv->fields[3];
    if (!fault && row.id && !is_id(row.id))
        fault = "the fourth column is neither crc32: with 8 digits nor build-id: with some";
    if (!fault && !csv->fields[0][0])
        fault = "the path is empty";
    if (fault) {
        fail_row(reading, csv->line, fault);
        return;
    }
    row.path = from_root(csv->fields[0]);
    if (!ARRAY_GROW(reading, rows))
        reading->error = -CRAMFS_ERR_MEMORY;
    else
        reading->rows[reading->rows_count++] = row;
}

static bool is_header(const struct csv *csv)
{
    uint64_t number;
    return csv->line == 1 && !csv->fault && csv->fields_count >= 3 &&
           strcmp(csv->fields[0], "path") == 0 && !read_number(csv->fields[1], &number);
}

static int compare_rows(const void *first, const void *second)
{
    const struct row *a = first;
    const struct row *b = second;
    int paths = strcmp(a->path, b->path);
    if (paths)
        return paths;
    if (a->touch.offset != b->touch.offset)
        return a->touch.offset < b->touch.offset ? -1 : 1;
    return a->line < b->line ? -1 : a->line > b->line;
}

/* One row more of the file at hand, which is the last of the profile. */
static void add_row(struct profile_reading *reading, struct cramfs_profile_file *file,
                    const struct row *row)
{
    if (row->id && file->id && strcmp(row->id, file->id) != 0)
        fail_row(reading, row->line, "another row says that the file had other contents");
    file->id = row->id ? row->id : file->id;
    file->touches[file->touches_count++] = row->touch;
}

static int build(struct profile_reading *reading, struct cramfs_profile *profile)
{
    profile->touches = calloc(reading->rows_count + 1, sizeof(*profile->touches));
    profile->files = calloc(reading->rows_count + 1, sizeof(*profile->files));
    if (!profile->touches || !profile->files)
        return -CRAMFS_ERR_MEMORY;
    if (reading->rows_count)
        qsort(reading->rows, reading->rows_count, sizeof(*reading->rows), compare_rows);
    for (size_t i = 0; i < reading->rows_count; i++) {
        const struct row *row = &reading->rows[i];
        if (!i || strcmp(row->path, row[-1].path) != 0)
            profile->files[profile->files_count++] =
                (struct cramfs_profile_file){.path = row->path, .touches = &profile->touches[i]};
        add_row(reading, &profile->files[profile->files_count - 1], row);
    }
    return reading->error;
}

int cramfs_profile_read(const char *path, struct cramfs_profile **profile,
                        struct cramfs_diags *diags)
{
    struct profile_reading reading = {.path = path, .diags = diags};
    size_t length;
    *profile = calloc(1, sizeof(**profile));
    if (!*profile)
        return cramfs_fail_memory(diags);
    int error = text_file_read(path, "profile", MOST_BYTES, diags, &(*profile)->text, &length);
    if (!error) {
        struct csv csv;
        csv_begin(&csv, (*profile)->text, length);
        while (reading.error != -CRAMFS_ERR_MEMORY && csv_next(&csv)) {
            if (!is_header(&csv))
                take_row(&reading, &csv);
        }
        error = reading.error ? reading.error : build(&reading, *profile);
    }
    if (error == -CRAMFS_ERR_MEMORY)
        cramfs_fail_memory(diags);
    free(reading.rows);
    if (error) {
        cramfs_profile_free(*profile);
        *profile = NULL;
    }
    return error;
}

void cramfs_profile_free(struct cramfs_profile *profile)
{
    if (!profile)
        return;
    free(profile->text);
    free(profile->touches);
    free(profile->files);
    free(profile);
}

size_t cramfs_profile_count(const struct cramfs_profile *profile)
{
    return profile->files_count;
}

const char *cramfs_profile_path(const struct cramfs_profile *profile, size_t index)
{
    return profile->files[index].path;
}

static int compare_path(const void *path, const void *file)
{
    return strcmp(path, ((const struct cramfs_profile_file *)file)->path);
}

const struct cramfs_profile_file *cramfs_profile_find(const struct cramfs_profile *profile,
                                                      const char *path)
{
    return profile->files_count ? bsearch(from_root(path), profile->files, profile->files_count,
                                          sizeof(*profile->files), compare_path)
                                : NULL;
}

static bool touch_is_before(const void *touch, const void *offset)
{
    return ((const struct profile_touch *)touch)->offset < *(const uint64_t *)offset;
}

/* The first touch at `offset` or after it. */
static size_t first_at(const struct cramfs_profile_file *file, uint64_t offset)
{
    return lower_bound(&offset, file->touches, file->touches_count, sizeof(*file->touches),
                       touch_is_before);
}

uint64_t cramfs_profile_touches(const struct cramfs_profile_file *file, uint64_t offset,
                                uint64_t length)
{
    uint64_t sum = 0;
    for (size_t i = first_at(file, offset);
         i < file->touches_count && file->touches[i].offset - offset < length; i++) {
        uint64_t count = file->touches[i].count;
        sum = count > UINT64_MAX - sum ? UINT64_MAX : sum + count;
    }
    return sum;
}

/* Writes the id of the bytes in the form of the one that is wanted; false when they have none. */
static bool make_id(const char *wanted, const void *bytes, size_t size, char *to, size_t to_size)
{
    if (wanted[0] == 'c') {
        snprintf(to, to_size, "crc32:%08" PRIx32, cramfs_crc32(0, bytes, size));
        return true;
    }
    int used = snprintf(to, to_size, "build-id:");
    return cramfs_elf_build_id(bytes, size, to + used, to_size - (size_t)used);
}

const char *cramfs_profile_difference(const struct cramfs_profile_file *file, const void *bytes,
                                      size_t size, char *text, size_t text_size)
{
    char found[160];
    uint64_t last = file->touches_count ? file->touches[file->touches_count - 1].offset : 0;
    if (last >= size) {
        snprintf(text, text_size, "offset %" PRIu64 " lies behind its %zu bytes", last, size);
        return text;
    }
    if (!file->id)
        return NULL;
    if (!make_id(file->id, bytes, size, found, sizeof(found)))
        snprintf(text, text_size, "it has no build id");
    else if (strcasecmp(found, file->id) != 0)
        snprintf(text, text_size, "it is %s", found);
    else
        return NULL;
    return text;
}
