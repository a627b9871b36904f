/*
 * Which characters may reach a terminal, a log or a script as they are: for untrusted names, and
 * for every text that leaves the programs.
 */
#ifndef CRAMFS_BASE_TEXT_GLYPH_H
#define CRAMFS_BASE_TEXT_GLYPH_H

#include <stddef.h>

enum glyph {
    GLYPH_SHOWN,   /* shown as it is, also a byte from 0xa0 on that is not UTF-8 */
    GLYPH_CONTROL, /* U+0000 to U+001F, U+007F to U+009F, or a byte 0x80 to 0x9f that is not UTF-8
                    */
    GLYPH_FORMAT,  /* invisible, changes how other characters show: Unicode's Cf, Zl and Zp */
};

/*
 * Judges the character at `at`, where `rest` bytes, at least one, are left. *length is its length.
 */
enum glyph glyph_at(const char *at, size_t rest, size_t *length);

#endif
