/*
 * CSV as RFC 4180 has it.
 */
#ifndef CRAMFS_XIP_CSV_H
#define CRAMFS_XIP_CSV_H

#include <stddef.h>

enum { CSV_MOST_FIELDS = 8 };

struct csv {
    char *at; /* what is left of the text, which is written over */
    char *end;
    size_t line; /* of the row read last, from 1 on */
    size_t next_line;
    char *fields[CSV_MOST_FIELDS]; /* of that row, each ended by a NUL */
    size_t fields_count;           /* also those for which there is no room */
    const char *fault;             /* what is wrong with the row: a static phrase */
};

/* `text` has room for a NUL behind its `length` bytes. */
void csv_begin(struct csv *csv, char *text, size_t length);

/* Reads the next row that is not empty and no comment. Returns 0 at the end. */
int csv_next(struct csv *csv);

#endif
