#include "base/text/glyph.h"

#include <stdint.h>

#include "base/text/utf8.h"

/* Unicode 16: general categories Cf (bidirectional overrides, joiners, tags), Zl and Zp. */
static const struct {
    uint32_t first;
    uint32_t last;
} formats[] = {
    {0x00ad, 0x00ad},   {0x0600, 0x0605},   {0x061c, 0x061c},   {0x06dd, 0x06dd},
    {0x070f, 0x070f},   {0x0890, 0x0891},   {0x08e2, 0x08e2},   {0x180e, 0x180e},
    {0x200b, 0x200f},   {0x2028, 0x202e},   {0x2060, 0x2064},   {0x2066, 0x206f},
    {0xfeff, 0xfeff},   {0xfff9, 0xfffb},   {0x110bd, 0x110bd}, {0x110cd, 0x110cd},
    {0x13430, 0x1343f}, {0x1bca0, 0x1bca3}, {0x1d173, 0x1d17a}, {0xe0001, 0xe0001},
    {0xe0020, 0xe007f},
};

static enum glyph judge(uint32_t code)
{
    if (code < 0x20 || (code >= 0x7f && code <= 0x9f))
        return GLYPH_CONTROL;
    for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]) && code >= formats[i].first; i++) {
        if (code <= formats[i].last)
            return GLYPH_FORMAT;
    }
    return GLYPH_SHOWN;
}

enum glyph glyph_at(const char *at, size_t rest, size_t *length)
{
    *length = utf8_length(at, rest);
    if (*length)
        return judge(utf8_code(at, *length));
    *length = 1;
    return (unsigned char)*at < 0xa0 ? GLYPH_CONTROL : GLYPH_SHOWN;
}
