#include <inttypes.h>

#include "cramfs/erase_blocks.h"
#include "report/json.h"
#include "report/json_path.h"
#include "report/text.h"
#include "report/update/causes.h"

static const char *const side_names[] = {"before", "after"};

static int print_digests(FILE *out, const struct cramfs_diff *diff, const struct range *range)
{
    int error = 0;
    for (int side = 0; !error && side < 2; side++) {
        char hex[SHA256_HEX_SIZE];
        size_t length;
        error = range_digest(diff, side, range->begin, range->end, &length, hex);
        if (!error)
            fprintf(out, "    %-10s %s\n", side_names[side], hex);
    }
    return error;
}

static void print_cause(FILE *out, const struct cramfs_diff *diff, const struct cause *cause)
{
    char path[TEXT_PATH_SIZE];
    if (!cause_has_path(cause))
        fprintf(out, "    %s\n", cause_name(cause->kind));
    else
        fprintf(out, "    %-10s %s%s\n", cause_name(cause->kind),
                text_entry_path(diff->views[cause->side]->survey, cause->entry, path),
                cause->side ? "" : " (removed)");
}

static int print_range(FILE *out, const struct causes *causes, const struct range *range)
{
    fprintf(out, "%10" PRIu64 " %10" PRIu64 "\n", range->begin, range->end - range->begin);
    int error = print_digests(out, causes->diff, range);
    for (size_t i = 0; !error && i < causes->list_count; i++)
        print_cause(out, causes->diff, &causes->list[i]);
    return error;
}

static void print_ranges(FILE *out, struct causes *causes, int *error)
{
    struct range range = {0};
    const char *head = "    offset     length\n";
    while (!*error && range_next(causes->diff, range.end, true, &range)) {
        *error = causes_find(causes, &range);
        fputs(head, out);
        head = "";
        if (!*error)
            *error = print_range(out, causes, &range);
    }
}

int cramfs_print_erase_blocks(FILE *out, const struct cramfs_diff *diff, struct cramfs_diags *diags)
{
    struct causes causes;
    int error = range_check_swap(diff, diags);
    if (error)
        return error;
    error = causes_create(diff, &causes);
    print_ranges(out, &causes, &error);
    causes_free(&causes);
    return error ? error : ferror(out) ? -CRAMFS_ERR_IO : 0;
}

static struct json_object *cause_object(const struct cramfs_diff *diff, const struct cause *cause,
                                        int *error)
{
    struct json_object *object = json_object_new_object();
    json_add_string(object, "kind", cause_name(cause->kind), error);
    if (!cause_has_path(cause))
        return object;
    *error |= json_add_path(object, &diff->views[cause->side]->survey->entries, cause->entry);
    json_add_bool(object, "removed", cause->side == 0, error);
    return object;
}

static struct json_object *causes_array(const struct causes *causes, int *error)
{
    struct json_object *array = json_object_new_array();
    for (size_t i = 0; i < causes->list_count; i++)
        json_append(array, cause_object(causes->diff, &causes->list[i], error), error);
    return array;
}

static struct json_object *range_object(const struct causes *causes, const struct range *range,
                                        int *error)
{
    struct json_object *object = json_object_new_object();
    json_add_int(object, "offset", range->begin, error);
    json_add_int(object, "length", range->end - range->begin, error);
    for (int side = 0; side < 2; side++) {
        char hex[SHA256_HEX_SIZE];
        size_t length;
        *error |= range_digest(causes->diff, side, range->begin, range->end, &length, hex);
        if (length)
            json_add_string(object, side_names[side], hex, error);
        else
            json_add_null(object, side_names[side], error);
    }
    json_add(object, "causes", causes_array(causes, error), error);
    return object;
}

static int print_json(struct json_stream *stream, struct causes *causes)
{
    const struct cramfs_diff *diff = causes->diff;
    json_member(stream, "old", json_image(diff->views[0]->image, &stream->error));
    json_member(stream, "new", json_image(diff->views[1]->image, &stream->error));
    json_member(stream, "erase_block", json_object_new_int64((int64_t)diff->erase_block));
    json_open_array(stream, "ranges");
    struct range range = {0};
    while (!stream->error && range_next(diff, range.end, true, &range)) {
        stream->error = causes_find(causes, &range);
        if (!stream->error)
            json_item(stream, range_object(causes, &range, &stream->error));
    }
    json_close_array(stream);
    return json_close(stream);
}

int cramfs_print_erase_blocks_json(FILE *out, const struct cramfs_diff *diff,
                                   struct cramfs_diags *diags)
{
    struct causes causes;
    struct json_stream stream;
    int error = range_check_swap(diff, diags);
    if (error)
        return error;
    error = causes_create(diff, &causes);
    if (!error) {
        json_open(&stream, out);
        error = print_json(&stream, &causes);
    }
    causes_free(&causes);
    return error;
}
