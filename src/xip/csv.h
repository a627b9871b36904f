/*
 * CSV as in RFC 4180; lines may also end in LF alone. A NUL byte in a row is a fault, and so is a
 * CR that is neither in quotes nor part of a line end: a field is never cut without a fault.
 */
#ifndef CRAMFS_XIP_CSV_H
#define CRAMFS_XIP_CSV_H

#include <stddef.h>

enum { CSV_MOST_FIELDS = 8 };

struct csv {
    char *at; /* the rest of the text, which is overwritten */
    char *end;
    size_t line; /* of the last row that was read, from 1 on */
    size_t next_line;
    char *fields[CSV_MOST_FIELDS]; /* of that row, each ended by a NUL */
    size_t fields_count;           /* all of them, also those without room in the list */
    const char *fault;             /* what is wrong with the row: a static phrase */
};

/* `text` has room for a NUL after its `length` bytes. */
void csv_begin(struct csv *csv, char *text, size_t length);

/* Reads the next row that is neither empty nor a comment. Returns 0 at the end. */
int csv_next(struct csv *csv);

#endif
