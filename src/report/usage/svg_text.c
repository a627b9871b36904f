#include "report/usage/svg_text.h"

#include <stdbool.h>
#include <string.h>

#include "base/text/glyph.h"

/* Whether XML 1.0 allows the character at `at`, and a title shows it as it is. */
static bool showable(const char *at, size_t rest, size_t *length)
{
    static const char no_characters[] = "\xef\xbf\xbe\xef\xbf\xbf";
    if (glyph_at(at, rest, length) != GLYPH_SHOWN || *at == '\\')
        return false;
    if (*length == 1)
        return (unsigned char)*at < 0x80; /* else a byte that is no UTF-8 */
    return *length != 3 ||
           (memcmp(at, no_characters, 3) != 0 && memcmp(at, no_characters + 3, 3) != 0);
}

/* How many bytes from here on are ASCII that means nothing in XML: most names are nothing else. */
static size_t plain_bytes(const char *at, size_t rest)
{
    size_t count = 0;
    while (count < rest && at[count] >= ' ' && at[count] < 0x7f && at[count] != '&' &&
           at[count] != '<' && at[count] != '>' && at[count] != '\\')
        count++;
    return count;
}

void svg_put_name(FILE *out, const char *name, size_t length)
{
    for (size_t i = 0; i < length;) {
        size_t plain = plain_bytes(name + i, length - i);
        fwrite(name + i, 1, plain, out);
        i += plain;
        if (i == length)
            break;
        const unsigned char *at = (const unsigned char *)name + i;
        size_t sequence;
        if (!showable(name + i, length - i, &sequence)) {
            fprintf(out, "\\%03o", *at);
            i++;
            continue;
        }
        const char *entity = *at == '&'   ? "&amp;"
                             : *at == '<' ? "&lt;"
                             : *at == '>' ? "&gt;"
                                          : NULL;
        if (entity)
            fputs(entity, out);
        else
            fwrite(at, 1, sequence, out);
        i += sequence;
    }
}

size_t svg_columns(const char *name, size_t length)
{
    size_t columns = 0;
    size_t taken;
    for (size_t i = 0; i < length; i += taken) {
        bool plain = plain_bytes(name + i, 1) == 1;
        if (plain || showable(name + i, length - i, &taken)) {
            taken = plain ? 1 : taken;
            columns += taken == 1 ? 1 : 2;
        } else {
            taken = 1;
            columns += sizeof("\\ooo") - 1;
        }
    }
    return columns;
}
