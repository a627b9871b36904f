#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/text/glyph.h"
#include "cramfs/diag.h"

/* Writes one byte's printable form into `to` (at least 5 bytes) and returns its length. */
static size_t escape_byte(unsigned char byte, char *to)
{
    static const char named[] = "\nn\tt\rr\\\\";
    for (const char *pair = named; *pair; pair += 2) {
        if (byte == (unsigned char)pair[0]) {
            to[0] = '\\';
            to[1] = pair[1];
            return 2;
        }
    }
    return (size_t)sprintf(to, "\\%03o", byte);
}

/* Only ASCII can be judged without a table. */
static bool stands_for_itself(char c)
{
    unsigned char byte = (unsigned char)c;
    return byte >= 0x20 && byte < 0x7f && byte != '\\';
}

/*
 * Writes the `length` bytes at `at` into `to` (at least 17 bytes), escaped, and returns their
 * length.
 */
static size_t escape_glyph(const char *at, size_t length, enum glyph glyph, char *to)
{
    size_t used = 0;
    if (glyph == GLYPH_SHOWN && *at != '\\') {
        memcpy(to, at, length);
        return length;
    }
    for (size_t i = 0; i < length; i++)
        used += escape_byte((unsigned char)at[i], to + used);
    return used;
}

char *cramfs_escape(const char *path, size_t length, char *to, size_t size)
{
    static const char cut[] = "...";
    size_t used = 0;
    size_t i = 0;
    while (i < length) {
        /* Nearly all bytes need no escape: copy runs of them. */
        while (i < length && used + sizeof(cut) < size && stands_for_itself(path[i]))
            to[used++] = path[i++];
        if (i == length)
            break;
        char piece[24];
        size_t taken;
        enum glyph glyph = glyph_at(path + i, length - i, &taken);
        size_t piece_length = escape_glyph(path + i, taken, glyph, piece);
        if (used + piece_length + sizeof(cut) > size) {
            memcpy(to + used, cut, sizeof(cut));
            return to;
        }
        memcpy(to + used, piece, piece_length);
        used += piece_length;
        i += taken;
    }
    to[used] = '\0';
    return to;
}

/* How many bytes from here on need no escape. */
static size_t shown_bytes(const char *text, size_t length)
{
    size_t count = 0;
    while (count < length) {
        size_t taken = 1;
        if (!stands_for_itself(text[count]) && text[count] != '\\' &&
            glyph_at(text + count, length - count, &taken) != GLYPH_SHOWN)
            break;
        count += taken;
    }
    return count;
}

/* Writes few long pieces: standard error has no buffer, so each piece is a write(2) of its own. */
void cramfs_print_text(FILE *out, const char *text)
{
    size_t length = strlen(text);
    for (size_t i = 0; i < length;) {
        size_t shown = shown_bytes(text + i, length - i);
        fwrite(text + i, 1, shown, out);
        i += shown;
        if (i == length)
            break;
        char piece[24];
        size_t taken;
        enum glyph glyph = glyph_at(text + i, length - i, &taken);
        fwrite(piece, 1, escape_glyph(text + i, taken, glyph, piece), out);
        i += taken;
    }
}
