/*
 * Writes into an HTML page: names that others made are text in it, never markup or script.
 *
 * Names are first escaped as cramfs_escape() does, so no control, format or bidirectional character
 * is left; a byte that is no UTF-8 becomes \ooo too, since a page is UTF-8. Characters with a
 * meaning in HTML, or in JSON inside <script>, are then written as entities, or as \uXXXX.
 */
#ifndef CRAMFS_REPORT_HTML_PUT_H
#define CRAMFS_REPORT_HTML_PUT_H

#include <stdint.h>
#include <stdio.h>

#include "cramfs/survey.h"

/* Where a text is written to. */
enum put_place {
    PUT_MARKUP, /* the text of an element, or the value of an attribute in double quotes */
    PUT_SCRIPT, /* a string of JSON in a <script> element, with its quotes */
};

/* A text that is printable already, with stray bytes at most. */
void put_text(FILE *out, enum put_place place, const char *text);

/* Bytes that others made, such as a name. */
void put_bytes(FILE *out, enum put_place place, const char *bytes, size_t length);

/* The path of an entry. */
void put_path(FILE *out, enum put_place place, const struct cramfs_survey *survey, uint32_t entry);

/* "35 bytes", "820.5 KiB", "12.3 MiB". */
void put_size(FILE *out, uint64_t bytes);

/* "12.3 %" of a whole; "-" of nothing. */
void put_share(FILE *out, uint64_t part, uint64_t whole);

/* <td class="n">1234</td> */
void put_number_cell(FILE *out, uint64_t number);

#endif
