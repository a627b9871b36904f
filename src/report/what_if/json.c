#include <stdlib.h>
#include <string.h>

#include "report/json.h"
#include "report/json_path.h"
#include "report/what_if/what_if.h"

static struct json_object *bound_object(const struct what_if_report *report, int *error)
{
    struct json_object *object = json_object_new_object();
    json_add_string(object, "option", report->bound->name, error);
    json_add_int(object, "size", report->bound->size, error);
    if (report->curve->bound_point == CRAMFS_WHAT_IF_NONE)
        json_add_null(object, "point", error);
    else
        json_add_int(object, "point", report->curve->bound_point, error);
    return object;
}

static struct json_object *file_object(const struct what_if_report *report,
                                       const struct cramfs_what_if_file *file, int *error)
{
    struct json_object *object = json_object_new_object();
    char *path = cramfs_node_path(report->tree->nodes[file->node]);
    int failed = path ? json_add_bytes(object, "path", path, strlen(path)) : -CRAMFS_ERR_MEMORY;
    *error = failed ? failed : *error;
    free(path);
    json_add_int(object, "pages", file->pages, error);
    json_add(object, "added", json_object_new_int64(file->added), error);
    return object;
}

/* The digits are ours: json-c would write 17 of them. */
static void add_marginal(struct json_object *object, const struct cramfs_what_if *curve,
                         size_t point, int *error)
{
    char digits[WHAT_IF_NUMBER_SIZE];
    int64_t thousandths;
    if (!cramfs_what_if_marginal(curve, point, &thousandths)) {
        json_add_null(object, "ram_per_flash", error);
        return;
    }
    what_if_marginal_text(curve, point, "", digits);
    json_add(object, "ram_per_flash", json_object_new_double_s((double)thousandths / 1000, digits),
             error);
}

static struct json_object *point_object(const struct what_if_report *report, size_t number,
                                        int *error)
{
    const struct cramfs_what_if *curve = report->curve;
    const struct cramfs_what_if_point *point = &curve->points[number];
    struct json_object *object = json_object_new_object();
    json_add_int(object, "budget", point->budget, error);
    json_add_int(object, "image_size", point->image_size, error);
    json_add_int(object, "flash_cost", point->flash_cost, error);
    json_add_int(object, "ram_saved", point->ram_saved, error);
    json_add_int(object, "pages", point->pages, error);
    if (report->options->profile)
        json_add_int(object, "touched_pages", point->touched_pages, error);
    add_marginal(object, curve, number, error);
    struct json_object *files = json_object_new_array();
    for (size_t i = 0; i < point->files_count; i++)
        json_append(files, file_object(report, &curve->files[point->first_file + i], error), error);
    json_add(object, "files", files, error);
    return object;
}

int what_if_json(const struct what_if_report *report)
{
    const struct cramfs_what_if *curve = report->curve;
    const struct cramfs_plan_options *options = report->options;
    struct json_stream stream;
    json_open(&stream, report->out);
    json_member(&stream, "page_size", json_object_new_int64(options->page_size));
    json_member(&stream, "kernel", json_object_new_string(cramfs_kernel_names()[options->kernel]));
    json_member(&stream, "ram",
                json_object_new_string(options->profile ? "profile" : "upper-bound"));
    json_member(&stream, "split", json_object_new_boolean(options->split != 0));
    json_member(&stream, "bare_size", json_object_new_int64((int64_t)curve->bare_size));
    if (curve->full_size == UINT64_MAX)
        json_member_null(&stream, "full_size");
    else
        json_member(&stream, "full_size", json_object_new_int64((int64_t)curve->full_size));
    if (report->bound)
        json_member(&stream, "limit", bound_object(report, &stream.error));
    else
        json_member_null(&stream, "limit");
    json_open_array(&stream, "points");
    for (size_t i = 0; i < curve->points_count; i++)
        json_item(&stream, point_object(report, i, &stream.error));
    json_close_array(&stream);
    return json_close(&stream);
}
