#include "xip/csv.h"

#include <stdbool.h>
#include <string.h>

void csv_begin(struct csv *csv, char *text, size_t length)
{
    *csv = (struct csv){.at = text, .end = text + length, .next_line = 1};
    *csv->end = '\0';
}

static const char nul_fault[] =
    "the row contains a NUL byte, and a profile is a text file; correct it";

/* Reads the field in quotes that begins at csv->at, without them; csv->at is then after it. */
static char *quoted_field(struct csv *csv)
{
    char *field = ++csv->at;
    char *to = field;
    for (; csv->at < csv->end; csv->at++) {
        csv->next_line += *csv->at == '\n';
        if (*csv->at == '"' && csv->at[1] != '"') {
            *to = '\0';
            csv->at++;
            return field;
        }
        csv->at += *csv->at == '"';
        if (*csv->at == '\0' && csv->at < csv->end)
            csv->fault = nul_fault;
        *to++ = *csv->at;
    }
    csv->fault = "a quote is not closed";
    *to = '\0';
    return field;
}

static char *plain_field(struct csv *csv)
{
    char *field = csv->at;
    csv->at += strcspn(csv->at, ",\r\n");
    if (memchr(field, '"', (size_t)(csv->at - field)))
        csv->fault = "a field contains a quote, and does not begin with one";
    return field;
}

/* Steps over the end of a field; returns whether the row goes on. */
static bool pass_separator(struct csv *csv)
{
    char separator = *csv->at;
    char *field_end = csv->at;
    if (csv->at < csv->end && separator == '\0')
        csv->fault = nul_fault;
    else if (separator == '\r' && csv->at[1] != '\n')
        csv->fault = "a CR without an LF follows a field; end lines in LF or CR LF, and write a "
                     "field that contains a CR in quotes";
    else if (separator && !strchr(",\r\n", separator))
        csv->fault = "other characters follow a quoted field";
    while (csv->at < csv->end && *csv->at != ',' && *csv->at != '\n')
        csv->at++;
    bool more = csv->at < csv->end && *csv->at == ',';
    if (csv->at < csv->end) {
        csv->next_line += *csv->at == '\n';
        csv->at++;
    }
    *field_end = '\0';
    return more;
}

static void read_row(struct csv *csv)
{
    bool more = true;
    csv->fields_count = 0;
    csv->fault = NULL;
    while (more) {
        char *field = *csv->at == '"' ? quoted_field(csv) : plain_field(csv);
        if (csv->fields_count < CSV_MOST_FIELDS)
            csv->fields[csv->fields_count] = field;
        csv->fields_count++;
        more = pass_separator(csv);
    }
}

static void pass_comment(struct csv *csv)
{
    char *newline = memchr(csv->at, '\n', (size_t)(csv->end - csv->at));
    csv->at = newline ? newline + 1 : csv->end;
    csv->next_line++;
}

int csv_next(struct csv *csv)
{
    while (csv->at < csv->end) {
        csv->line = csv->next_line;
        if (*csv->at == '#') {
            pass_comment(csv);
            continue;
        }
        read_row(csv);
        if (csv->fields_count > 1 || csv->fields[0][0] || csv->fault)
            return 1;
    }
    return 0;
}
