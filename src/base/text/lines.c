#include "base/text/lines.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text/text_file.h"

struct lines_reading {
    const struct lines *lines;
    const char *path;
    struct cramfs_diags *diags;
    char *text; /* all of the file, and a NUL */
    size_t length;
    char *where; /* "FILE:LINE" */
    size_t where_size;
};

static int take_line(const struct lines_reading *reading, char *line, size_t length)
{
    const struct lines *lines = reading->lines;
    if (memchr(line, '\0', length))
        return cramfs_fail(reading->diags, CRAMFS_ERR_FORMAT, reading->where,
                           "the line contains a NUL byte, and a %s is a text file; correct it",
                           lines->what);
    if (length > lines->most)
        return cramfs_fail(reading->diags, CRAMFS_ERR_FORMAT, reading->where,
                           "the line has %zu bytes, over the limit of %zu bytes; shorten it",
                           length, lines->most);
    return lines->take(lines->context, reading->where, line);
}

static int take_lines(struct lines_reading *reading)
{
    int result = 0;
    char *line = reading->text;
    char *end = line + reading->length;
    for (size_t number = 1; line < end; number++) {
        char *newline = memchr(line, '\n', (size_t)(end - line));
        char *line_end = newline ? newline : end;
        *line_end = '\0';
        snprintf(reading->where, reading->where_size, "%s:%zu", reading->path, number);
        int error = take_line(reading, line, (size_t)(line_end - line));
        if (error == -CRAMFS_ERR_MEMORY)
            return error;
        result = error ? error : result;
        line = line_end + 1;
    }
    return result;
}

int lines_read(const struct lines *lines, const char *path, struct cramfs_diags *diags)
{
    struct lines_reading reading = {
        .lines = lines,
        .path = path,
        .diags = diags,
        .where_size = strlen(path) + sizeof(":18446744073709551615"),
    };
    int error =
        text_file_read(path, lines->what, LINES_MOST_BYTES, diags, &reading.text, &reading.length);
    if (!error) {
        reading.where = malloc(reading.where_size);
        error = reading.where ? take_lines(&reading) : cramfs_fail_memory(diags);
    }
    free(reading.where);
    free(reading.text);
    return error;
}
