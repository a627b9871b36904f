#include "report/json.h"

#include <string.h>

#include "base/text/glyph.h"
#include "base/text/utf8.h"
#include "cramfs/diag.h"
#include "report/text.h"

void json_add(struct json_object *object, const char *key, struct json_object *value, int *error)
{
    if (!object || !value || json_object_object_add(object, key, value) != 0)
        *error = -CRAMFS_ERR_MEMORY;
}

void json_add_int(struct json_object *object, const char *key, uint64_t value, int *error)
{
    json_add(object, key, json_object_new_int64((int64_t)value), error);
}

void json_add_string(struct json_object *object, const char *key, const char *value, int *error)
{
    json_add(object, key, json_object_new_string(value), error);
}

void json_add_bool(struct json_object *object, const char *key, bool value, int *error)
{
    json_add(object, key, json_object_new_boolean(value), error);
}

void json_add_null(struct json_object *object, const char *key)
{
    json_object_object_add(object, key, NULL); /* json-c's null */
}

struct json_object *json_image(const struct cramfs_image *image, int *error)
{
    struct json_object *object = json_object_new_object();
    json_add_int(object, "size", image->reader.size, error);
    json_add_string(object, "endian", text_order(image->order), error);
    json_add_int(object, "page_size", image->page_size, error);
    return object;
}

/* The escape of JSON, in UTF-16. */
static void put_code(FILE *out, uint32_t code)
{
    if (code > 0xffff)
        fprintf(out, "\\u%04x", (unsigned)(0xd800 + ((code - 0x10000) >> 10)));
    fprintf(out, "\\u%04x", (unsigned)(code > 0xffff ? 0xdc00 + (code & 0x3ff) : code));
}

/* json-c escapes what is below U+0020. The newlines that are left are between values. */
static int put_text(FILE *out, const char *text)
{
    size_t length = strlen(text);
    for (size_t i = 0; i < length;) {
        size_t plain = i;
        while (plain < length &&
               (text[plain] == '\n' || (text[plain] >= ' ' && text[plain] < 0x7f)))
            plain++;
        fwrite(text + i, 1, plain - i, out);
        i = plain;
        if (i == length)
            break;
        size_t taken;
        if (glyph_at(text + i, length - i, &taken) == GLYPH_SHOWN)
            fwrite(text + i, 1, taken, out);
        else
            put_code(out, utf8_code(text + i, taken));
        i += taken;
    }
    return ferror(out) ? -CRAMFS_ERR_IO : 0;
}

static void put(struct json_stream *stream, struct json_object *object)
{
    const int form = JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE;
    const char *text = stream->error ? NULL : json_object_to_json_string_ext(object, form);
    if (!text && !stream->error)
        stream->error = -CRAMFS_ERR_MEMORY;
    else if (text)
        stream->error = put_text(stream->out, text);
    json_object_put(object);
}

static void put_key(struct json_stream *stream, const char *key)
{
    fprintf(stream->out, "%s\"%s\": ", stream->started ? ",\n" : "", key);
    stream->started = true;
}

void json_open(struct json_stream *stream, FILE *out)
{
    *stream = (struct json_stream){.out = out};
    fputc('{', out);
    json_member(stream, "version", json_object_new_int(CRAMFS_JSON_VERSION));
}

void json_member(struct json_stream *stream, const char *key, struct json_object *value)
{
    put_key(stream, key);
    put(stream, value);
}

void json_member_null(struct json_stream *stream, const char *key)
{
    put_key(stream, key);
    fputs("null", stream->out);
}

void json_open_array(struct json_stream *stream, const char *key)
{
    put_key(stream, key);
    fputc('[', stream->out);
    stream->started = false;
}

void json_item(struct json_stream *stream, struct json_object *value)
{
    fputs(stream->started ? ",\n" : "\n", stream->out);
    stream->started = true;
    put(stream, value);
}

void json_close_array(struct json_stream *stream)
{
    fputs("\n]", stream->out);
    stream->started = true;
}

int json_close(struct json_stream *stream)
{
    fputs("}\n", stream->out);
    if (!stream->error && ferror(stream->out))
        stream->error = -CRAMFS_ERR_IO;
    return stream->error;
}
