#include "report/html/put.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/text/utf8.h"
#include "cramfs/diag.h"
#include "report/text.h"

/* How many bytes are ASCII without a meaning in HTML and JSON. */
static size_t plain_bytes(const char *text)
{
    size_t count = 0;
    while (text[count] >= ' ' && text[count] < 0x7f && !strchr("&<>\"'\\", text[count]))
        count++;
    return count;
}

static void put_special(FILE *out, enum put_place place, char special)
{
    if (place == PUT_SCRIPT)
        fprintf(out, "\\u%04x", (unsigned char)special);
    else if (special == '\\')
        fputc(special, out);
    else
        fprintf(out, "&#%d;", special);
}

void put_text(FILE *out, enum put_place place, const char *text)
{
    size_t rest = strlen(text);
    if (place == PUT_SCRIPT)
        fputc('"', out);
    while (rest) {
        size_t plain = plain_bytes(text);
        fwrite(text, 1, plain, out);
        text += plain;
        rest -= plain;
        if (!rest)
            break;
        size_t length = utf8_length(text, rest);
        if (length > 1)
            fwrite(text, 1, length, out);
        else if (length == 1)
            put_special(out, place, *text);
        else
            fprintf(out, "%s%03o", place == PUT_SCRIPT ? "\\\\" : "\\", (unsigned char)*text);
        text += length ? length : 1;
        rest -= length ? length : 1;
    }
    if (place == PUT_SCRIPT)
        fputc('"', out);
}

void put_bytes(FILE *out, enum put_place place, const char *bytes, size_t length)
{
    char text[CRAMFS_ESCAPED_SIZE(CRAMFS_PATH_SIZE / 4)];
    put_text(out, place, cramfs_escape(bytes, length, text, sizeof(text)));
}

void put_path(FILE *out, enum put_place place, const struct cramfs_survey *survey, uint32_t entry)
{
    char path[TEXT_PATH_SIZE];
    put_text(out, place, text_entry_path(survey, entry, path));
}

void put_size(FILE *out, uint64_t bytes)
{
    static const char *const units[] = {"KiB", "MiB", "GiB"};
    unsigned unit = 0;
    uint64_t one = 1024;
    if (bytes < 1024) {
        fprintf(out, "%" PRIu64 " bytes", bytes);
        return;
    }
    while (unit < 2 && bytes >= one * 1024) {
        one *= 1024;
        unit++;
    }
    uint64_t tenths = (bytes * 10 + one / 2) / one;
    fprintf(out, "%" PRIu64 ".%" PRIu64 " %s", tenths / 10, tenths % 10, units[unit]);
}

void put_share(FILE *out, uint64_t part, uint64_t whole)
{
    if (!whole) {
        fputc('-', out);
        return;
    }
    uint64_t tenths = (part * 1000 + whole / 2) / whole;
    fprintf(out, "%" PRIu64 ".%" PRIu64 " %%", tenths / 10, tenths % 10);
}

void put_number_cell(FILE *out, uint64_t number)
{
    fprintf(out, "<td class=\"n\">%" PRIu64 "</td>", number);
}
