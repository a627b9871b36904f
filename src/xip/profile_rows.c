#include "xip/profile_rows.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/text/number.h"
#include "xip/csv.h"

/* The most processes that Linux can have: PID_MAX_LIMIT. */
enum { MOST_PROCESSES = 4194304 };

enum column { PATH, OFFSET, COUNT, CONTENTS, PROCESSES, COLUMNS };

static const char *const column_names[COLUMNS] = {"path", "offset", "count", "contents",
                                                  "processes"};

#define COLUMNS_TEXT                                                                               \
    "a profile has the columns path, offset and count, and optionally contents and processes"

struct profile_reading {
    const char *path;
    struct cramfs_diags *diags;
    struct profile_rows *rows;
    struct csv csv;
    size_t places[COLUMNS]; /* the field of each column; NO_FIELD: none */
    size_t fields_least;
    size_t fields_most;
    bool with_header;
    int error;
};

static const size_t NO_FIELD = SIZE_MAX;

int profile_fail(const char *path, size_t line, const char *what, struct cramfs_diags *diags)
{
    char *where;
    if (asprintf(&where, "%s:%zu", path, line) < 0)
        where = NULL;
    int error = cramfs_fail(diags, CRAMFS_ERR_FORMAT, where, "%s", what);
    free(where);
    return error;
}

const char *profile_from_root(const char *path)
{
    while (*path == '/' || (path[0] == '.' && path[1] == '/'))
        path++;
    return path;
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

/* Each row of data has two numbers, and no column has a number as its name. */
static bool is_header(const struct csv *csv)
{
    uint64_t number;
    if (csv->fault || csv->fields_count < 2)
        return false;
    for (size_t i = 0; i < csv->fields_count && i < CSV_MOST_FIELDS; i++) {
        if (read_number(csv->fields[i], &number))
            return false;
    }
    return true;
}

static enum column column_called(const char *name)
{
    enum column column = PATH;
    while (column < COLUMNS && strcmp(name, column_names[column]) != 0)
        column++;
    return column;
}

static void fail_header(struct profile_reading *reading, const char *what, const char *name)
{
    char text[200];
    /* Quotes only the beginning of an unknown name. */
    snprintf(text, sizeof(text), "\"%.32s\" %s; " COLUMNS_TEXT, name, what);
    reading->error = profile_fail(reading->path, reading->csv.line, text, reading->diags);
}

static void take_header(struct profile_reading *reading)
{
    const struct csv *csv = &reading->csv;
    for (enum column column = PATH; column < COLUMNS; column++)
        reading->places[column] = NO_FIELD;
    for (size_t i = 0; !reading->error && i < csv->fields_count; i++) {
        const char *name = i < CSV_MOST_FIELDS ? csv->fields[i] : "";
        enum column column = column_called(name);
        if (column == COLUMNS)
            fail_header(reading, "is not a column of a profile", name);
        else if (reading->places[column] != NO_FIELD)
            fail_header(reading, "is in the header twice", name);
        else
            reading->places[column] = i;
    }
    reading->fields_least = 0;
    for (enum column column = PATH; !reading->error && column <= COUNT; column++) {
        if (reading->places[column] == NO_FIELD)
            fail_header(reading, "is missing from the header", column_names[column]);
        else if (reading->places[column] >= reading->fields_least)
            reading->fields_least = reading->places[column] + 1;
    }
    reading->fields_most = csv->fields_count;
    reading->with_header = true;
    /* Rows of four fields under a header of three have always been accepted. */
    if (!reading->error && csv->fields_count == 3 && reading->places[PATH] == 0 &&
        reading->places[OFFSET] == 1)
        reading->places[CONTENTS] = reading->fields_most++;
}

/* NULL where the row ends before the column, or the field is empty. */
static const char *field_of(const struct profile_reading *reading, enum column column)
{
    size_t place = reading->places[column];
    if (place >= reading->csv.fields_count || !reading->csv.fields[place][0])
        return NULL;
    return reading->csv.fields[place];
}

/* Reads the number in a column; false when the field exists and is not a number. */
static bool read_column(const struct profile_reading *reading, enum column column, uint64_t *number)
{
    const char *field = field_of(reading, column);
    *number = 0;
    return field ? read_number(field, number) : column > COUNT;
}

/* Returns what is wrong with the row: a static phrase, or NULL. */
static const char *read_row(const struct profile_reading *reading, struct profile_row *row)
{
    const struct csv *csv = &reading->csv;
    uint64_t processes;
    if (csv->fault)
        return csv->fault;
    if (csv->fields_count < reading->fields_least || csv->fields_count > reading->fields_most)
        return reading->with_header
                   ? "the row does not have the columns of the header"
                   : "a row is a path, an offset, a count, and optionally the contents";
    if (!read_column(reading, OFFSET, &row->offset))
        return "the offset is not a number";
    if (!read_column(reading, COUNT, &row->count))
        return "the count is not a number";
    row->id = field_of(reading, CONTENTS);
    if (row->id && !is_id(row->id))
        return reading->with_header ? "the contents are neither crc32: and 8 hexadecimal digits "
                                      "nor build-id: and hexadecimal digits"
                                    : "the fourth column is neither crc32: and 8 hexadecimal "
                                      "digits nor build-id: and hexadecimal digits";
    if (!read_column(reading, PROCESSES, &processes) || processes > MOST_PROCESSES)
        return "the processes are not a number up to 4194304, the most that Linux can have";
    row->path = field_of(reading, PATH);
    if (!row->path)
        return "the path is empty";
    row->path = profile_from_root(row->path);
    /* 0 counts as 1: the process that touched the page may have ended before the count. */
    row->processes = processes || !field_of(reading, PROCESSES) ? (uint32_t)processes : 1;
    return NULL;
}

static void take_row(struct profile_reading *reading)
{
    struct profile_rows *rows = reading->rows;
    struct profile_row row = {.line = reading->csv.line};
    const char *fault = read_row(reading, &row);
    if (fault)
        reading->error = profile_fail(reading->path, row.line, fault, reading->diags);
    else if (!ARRAY_GROW(rows, list))
        reading->error = -CRAMFS_ERR_MEMORY;
    else
        rows->list[rows->list_count++] = row;
}

int profile_rows_read(const char *path, char *text, size_t length, struct profile_rows *rows,
                      struct cramfs_diags *diags)
{
    struct profile_reading reading = {
        .path = path,
        .diags = diags,
        .rows = rows,
        .places = {0, 1, 2, 3, NO_FIELD},
        .fields_least = 3,
        .fields_most = 4,
    };
    csv_begin(&reading.csv, text, length);
    if (!csv_next(&reading.csv))
        return 0;
    if (is_header(&reading.csv))
        take_header(&reading);
    else
        take_row(&reading);
    bool header_failed = reading.with_header && reading.error;
    while (!header_failed && reading.error != -CRAMFS_ERR_MEMORY && csv_next(&reading.csv))
        take_row(&reading);
    return reading.error;
}
