#include "report/html/what_if.h"

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "base/text/text_file.h"

enum { MOST_BYTES = 1 << 28, MOST_POINTS = 10000, LARGEST = 1 << 30 };

/* A whole number of bytes or pages. */
static bool take(struct json_object *object, const char *key, uint64_t *number)
{
    struct json_object *value;
    if (!json_object_object_get_ex(object, key, &value) ||
        !json_object_is_type(value, json_type_int) || json_object_get_int64(value) < 0)
        return false;
    *number = (uint64_t)json_object_get_int64(value);
    return true;
}

static bool take_point(struct json_object *object, struct what_if_point *point)
{
    if (!json_object_is_type(object, json_type_object) || !take(object, "budget", &point->budget) ||
        !take(object, "image_size", &point->image_size) ||
        !take(object, "ram_saved", &point->ram_saved) || !take(object, "pages", &point->pages) ||
        point->image_size > UINT32_MAX || point->ram_saved > UINT64_MAX / LARGEST)
        return false;
    if (!json_object_object_get_ex(object, "files", &point->files) ||
        !json_object_is_type(point->files, json_type_array))
        point->files = NULL;
    return true;
}

static int take_points(struct json_object *list, struct what_if *curve, bool *sound)
{
    size_t count = json_object_array_length(list);
    *sound = count > 0 && count <= MOST_POINTS;
    curve->points = *sound ? calloc(count, sizeof(*curve->points)) : NULL;
    if (*sound && !curve->points)
        return -CRAMFS_ERR_MEMORY;
    for (size_t i = 0; *sound && i < count; i++) {
        *sound = take_point(json_object_array_get_idx(list, i), &curve->points[i]) &&
                 (!i || curve->points[i].image_size >= curve->points[i - 1].image_size);
        curve->points_count = i + 1;
    }
    return 0;
}

static void take_facts(struct what_if *curve)
{
    struct json_object *value;
    if (json_object_object_get_ex(curve->root, "ram", &value))
        curve->touched = strcmp(json_object_get_string(value) ? json_object_get_string(value) : "",
                                "profile") == 0;
    if (json_object_object_get_ex(curve->root, "limit", &value) &&
        json_object_is_type(value, json_type_object))
        take(value, "size", &curve->limit);
}

static int take_curve(struct what_if *curve, const char *path, uint32_t page_size,
                      struct cramfs_diags *diags)
{
    struct json_object *list;
    uint64_t page;
    bool sound = json_object_is_type(curve->root, json_type_object) &&
                 take(curve->root, "page_size", &page) &&
                 json_object_object_get_ex(curve->root, "points", &list) &&
                 json_object_is_type(list, json_type_array);
    int error = sound ? take_points(list, curve, &sound) : 0;
    if (error)
        return error;
    if (!sound)
        return cramfs_fail(diags, CRAMFS_ERR_USAGE, path,
                           "the file is not a curve of RAM over flash in JSON");
    if (page != page_size)
        return cramfs_fail(
            diags, CRAMFS_ERR_USAGE, path,
            "the curve is for pages of %llu bytes, and the image has pages of %lu bytes",
            (unsigned long long)page, (unsigned long)page_size);
    take_facts(curve);
    return 0;
}

int what_if_read(const char *path, uint32_t page_size, struct what_if *curve,
                 struct cramfs_diags *diags)
{
    char *text = NULL;
    size_t length;
    *curve = (struct what_if){0};
    int error = text_file_read(path, "curve", MOST_BYTES, diags, &text, &length);
    if (!error) {
        curve->root = json_tokener_parse(text);
        error = take_curve(curve, path, page_size, diags);
    }
    free(text);
    return error == -CRAMFS_ERR_FORMAT ? -CRAMFS_ERR_USAGE : error;
}

void what_if_free(struct what_if *curve)
{
    json_object_put(curve->root);
    free(curve->points);
    *curve = (struct what_if){0};
}
