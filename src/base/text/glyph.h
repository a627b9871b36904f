/*
 * What may reach a terminal, a log or a script as it is: the one judge of it, for names that others
 * made and for every text that leaves the programs.
 */
#ifndef CRAMFS_BASE_TEXT_GLYPH_H
#define CRAMFS_BASE_TEXT_GLYPH_H

#include <stddef.h>

enum glyph {
    GLYPH_SHOWN,   /* stands for itself, also a byte from 0xa0 on that is no UTF-8 */
    GLYPH_CONTROL, /* U+0000 to U+001F, U+007F to U+009F, or a byte 0x80 to 0x9f that is no UTF-8 */
    GLYPH_FORMAT,  /* seen only by what it does to others: Unicode's Cf, Zl and Zp */
};

/* Judges the character at `at`; `rest` bytes, at least one, are left. *length: how many it has. */
enum glyph glyph_at(const char *at, size_t rest, size_t *length);

#endif
