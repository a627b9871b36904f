/*
 * JSON with json-c, one object at a time.
 *
 * json-c's objects own the values that are added to them. If memory runs out, json-c writes a null,
 * which a reader would take for a value. So every value is added by these functions, which keep a
 * failure in the caller's *error.
 *
 * Long lists are written piece by piece, since memory may not hold the objects of all entries of an
 * image. These functions write only the braces and commas around the pieces.
 */
#ifndef CRAMFS_REPORT_JSON_H
#define CRAMFS_REPORT_JSON_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "cramfs/image.h"

void json_add(struct json_object *object, const char *key, struct json_object *value, int *error);
void json_add_int(struct json_object *object, const char *key, uint64_t value, int *error);
void json_add_string(struct json_object *object, const char *key, const char *value, int *error);
void json_add_bool(struct json_object *object, const char *key, bool value, int *error);
void json_add_null(struct json_object *object, const char *key, int *error);
void json_append(struct json_object *array, struct json_object *value, int *error);

/* Size, byte order and page size of an image. */
struct json_object *json_image(const struct cramfs_image *image, int *error);

/* An object being written to a file, or an array in it. */
struct json_stream {
    FILE *out;
    int error;    /* for the calls above, too */
    bool started; /* the object or array has something in it */
};

/* The format of all documents, which schemas/ describes. New members do not change it. */
enum { CRAMFS_JSON_VERSION = 1 };

/* A document: its first member is the version. */
void json_open(struct json_stream *stream, FILE *out);
/* A member of the object. This frees it, and so does json_item(). */
void json_member(struct json_stream *stream, const char *key, struct json_object *value);
void json_member_null(struct json_stream *stream, const char *key);
void json_open_array(struct json_stream *stream, const char *key);
void json_item(struct json_stream *stream, struct json_object *value);
void json_close_array(struct json_stream *stream);
/* Takes an error, or 0, from elsewhere. The first error of the stream counts. */
void json_take_error(struct json_stream *stream, int error);
/* Returns 0, -CRAMFS_ERR_IO or -CRAMFS_ERR_MEMORY: for all that was written to the stream. */
int json_close(struct json_stream *stream);

#endif
