/*
 * Names that others made, as text in an XML document.
 */
#ifndef CRAMFS_REPORT_USAGE_SVG_TEXT_H
#define CRAMFS_REPORT_USAGE_SVG_TEXT_H

#include <stdio.h>

/* Writes a name: markup as entities, and what no document can hold as the \ooo of each byte. */
void svg_put_name(FILE *out, const char *name, size_t length);

/*
 * The number of columns that the name takes in a font of one width; characters other than ASCII
 * count as two.
 */
size_t svg_columns(const char *name, size_t length);

#endif
