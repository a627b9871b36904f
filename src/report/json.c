#include "report/json.h"

#include "cramfs/diag.h"
#include "report/json_print.h"
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

void json_add_null(struct json_object *object, const char *key, int *error)
{
    if (!object || json_object_object_add(object, key, NULL) != 0) /* json-c's null */
        *error = -CRAMFS_ERR_MEMORY;
}

void json_append(struct json_object *array, struct json_object *value, int *error)
{
    if (!array || !value || json_object_array_add(array, value) != 0)
        *error = -CRAMFS_ERR_MEMORY;
}

struct json_object *json_image(const struct cramfs_image *image, int *error)
{
    struct json_object *object = json_object_new_object();
    json_add_int(object, "size", image->reader.size, error);
    json_add_string(object, "endian", text_order(image->order), error);
    json_add_int(object, "page_size", image->page_size, error);
    return object;
}

static void put(struct json_stream *stream, struct json_object *object)
{
    if (!stream->error)
        stream->error = object ? json_print(stream->out, object) : -CRAMFS_ERR_MEMORY;
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

void json_take_error(struct json_stream *stream, int error)
{
    stream->error = stream->error ? stream->error : error;
}

int json_close(struct json_stream *stream)
{
    fputs("}\n", stream->out);
    if (!stream->error && ferror(stream->out))
        stream->error = -CRAMFS_ERR_IO;
    return stream->error;
}
