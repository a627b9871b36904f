#include "report/json_print.h"

#include <string.h>

#include "base/text/glyph.h"
#include "base/text/utf8.h"
#include "cramfs/diag.h"

/* The escape of JSON, in UTF-16. */
static void put_code(FILE *out, uint32_t code)
{
    if (code > 0xffff)
        fprintf(out, "\\u%04x", (unsigned)(0xd800 + ((code - 0x10000) >> 10)));
    fprintf(out, "\\u%04x", (unsigned)(code > 0xffff ? 0xdc00 + (code & 0x3ff) : code));
}

static bool is_plain(char byte)
{
    return byte >= ' ' && byte < 0x7f && byte != '"' && byte != '\\';
}

/* An ASCII character that is not plain. */
static void put_escape(FILE *out, char byte)
{
    static const char escaped[] = "\"\\\b\f\n\r\t";
    static const char letters[] = "\"\\bfnrt";
    const char *found = byte ? strchr(escaped, byte) : NULL;
    if (found)
        fprintf(out, "\\%c", letters[found - escaped]);
    else
        put_code(out, (unsigned char)byte);
}

static void put_string(FILE *out, const char *text, size_t length)
{
    fputc('"', out);
    for (size_t i = 0; i < length;) {
        size_t begin = i;
        while (i < length && is_plain(text[i]))
            i++;
        fwrite(text + begin, 1, i - begin, out);
        if (i == length)
            break;
        size_t taken = 1;
        if ((unsigned char)text[i] < 0x80)
            put_escape(out, text[i]);
        else if (glyph_at(text + i, length - i, &taken) == GLYPH_SHOWN)
            fwrite(text + i, 1, taken, out);
        else
            put_code(out, utf8_code(text + i, taken));
        i += taken;
    }
    fputc('"', out);
}

static void put_line(FILE *out, bool first, int depth)
{
    fprintf(out, "%s\n%*s", first ? "" : ",", 2 * depth, "");
}

static int put_value(FILE *out, struct json_object *value, int depth);

static int put_object(FILE *out, struct json_object *object, int depth)
{
    bool first = true;
    int error = 0;
    fputc('{', out);
    json_object_object_foreach(object, key, member)
    {
        put_line(out, first, depth + 1);
        put_string(out, key, strlen(key));
        fputc(':', out);
        error |= put_value(out, member, depth + 1);
        first = false;
    }
    put_line(out, true, depth);
    fputc('}', out);
    return error;
}

static int put_array(FILE *out, struct json_object *array, int depth)
{
    int error = 0;
    fputc('[', out);
    for (size_t i = 0; i < json_object_array_length(array); i++) {
        put_line(out, !i, depth + 1);
        error |= put_value(out, json_object_array_get_idx(array, i), depth + 1);
    }
    put_line(out, true, depth);
    fputc(']', out);
    return error;
}

static int put_value(FILE *out, struct json_object *value, int depth)
{
    switch (json_object_get_type(value)) {
    case json_type_object:
        return put_object(out, value, depth);
    case json_type_array:
        return put_array(out, value, depth);
    case json_type_string:
        put_string(out, json_object_get_string(value), (size_t)json_object_get_string_len(value));
        return 0;
    case json_type_null:
    case json_type_boolean:
    case json_type_int:
    case json_type_double:
        break;
    }
    /* Short enough that json-c takes memory for it only once. */
    const char *text = json_object_to_json_string_ext(value, JSON_C_TO_STRING_PLAIN);
    if (text)
        fputs(text, out);
    return text ? 0 : -CRAMFS_ERR_MEMORY;
}

int json_print(FILE *out, struct json_object *value)
{
    int error = put_value(out, value, 0);
    return !error && ferror(out) ? -CRAMFS_ERR_IO : error;
}
