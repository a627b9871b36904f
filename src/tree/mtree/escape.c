#include "tree/mtree/escape.h"

#include <string.h>

static bool is_octal(char digit)
{
    return digit >= '0' && digit <= '7';
}

/* The control character of "^A"; "^?" is DEL. */
static unsigned control(unsigned char of)
{
    return of == '?' ? 0x7f : of & 0x1fu;
}

/*
 * "\M-A" and "\M^A": bytes over 0x7f. *at is after the M; returns the byte, or 0 if it is not one.
 */
static unsigned take_meta(const char **at)
{
    const char *text = *at;
    if ((text[0] != '-' && text[0] != '^') || !text[1])
        return 0;
    *at = text + 2;
    unsigned char of = (unsigned char)text[1];
    return 0x80 | (text[0] == '^' ? control(of) : of);
}

/* Up to three digits. */
static unsigned take_octal(const char **at)
{
    unsigned value = 0;
    for (int i = 0; i < 3 && is_octal(**at); i++)
        value = value * 8 + (unsigned)(*(*at)++ - '0');
    return value;
}

/* The byte of an escape, after its backslash: 1 to 255; any other number when it is not one. */
static unsigned take_escape(const char **at)
{
    static const char letters[] = "a\ab\bf\fn\nr\rs t\tv\vE\033";
    if (is_octal(**at))
        return take_octal(at);
    unsigned char letter = (unsigned char)*(*at)++;
    if (letter == 'M')
        return take_meta(at);
    if (letter == '^' && **at)
        return control((unsigned char)*(*at)++);
    for (const char *pair = letters; *pair; pair += 2) {
        if (letter == (unsigned char)*pair)
            return (unsigned char)pair[1];
    }
    /* Characters with a meaning in a manifest or to a shell may be escaped as they are. */
    return strchr("\\#*?[]!\"'$&;<>()|`~={}%@,.:/+-_ ", letter) ? letter : 0;
}

bool mtree_unescape(char *text)
{
    const char *from = strchr(text, '\\');
    char *to = text + (from ? from - text : 0);
    while (from && *from) {
        unsigned byte = (unsigned char)*from++;
        if (byte == '\\')
            byte = take_escape(&from);
        if (!byte || byte > 0xff)
            return false;
        *to++ = (char)byte;
    }
    if (from)
        *to = '\0';
    return true;
}
