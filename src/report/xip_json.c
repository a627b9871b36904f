#include <json-c/json.h>

#include "cramfs/diag.h"
#include "cramfs/xip_report.h"
#include "report/json_path.h"
#include "report/text.h"

/*
 * json-c's objects own what is added to them. An allocation that fails leaves a null behind, which
 * a consumer would take for an answer; so every object passes through here and is counted.
 */
static void add(struct json_object *object, const char *key, struct json_object *value, int *error)
{
    if (!object || !value || json_object_object_add(object, key, value) != 0)
        *error = -CRAMFS_ERR_MEMORY;
}

static void add_int(struct json_object *object, const char *key, int64_t value, int *error)
{
    add(object, key, json_object_new_int64(value), error);
}

static void add_string(struct json_object *object, const char *key, const char *value, int *error)
{
    add(object, key, json_object_new_string(value), error);
}

/* The pages asked for and had, and why not all: null when all are. */
static void add_prediction(struct json_object *object, const struct cramfs_prediction *prediction,
                           uint64_t direct_pages, int *error)
{
    char buffer[64];
    const char *reason = cramfs_reason_text(prediction, buffer, sizeof(buffer));
    add_int(object, "pages", (int64_t)prediction->pages, error);
    add_int(object, "direct_pages", (int64_t)direct_pages, error);
    if (reason)
        add_string(object, "reason", reason, error);
    else
        json_object_object_add(object, "reason", NULL); /* json-c's null */
}

static struct json_object *mapping_object(const struct cramfs_xip_mapping *mapping, int *error)
{
    struct json_object *object = json_object_new_object();
    char flags[4];
    add_int(object, "segment", mapping->asked.segment, error);
    add_int(object, "offset", (int64_t)mapping->asked.offset, error);
    add_int(object, "length", (int64_t)mapping->asked.length, error);
    add_string(object, "flags", text_flags(mapping->asked.flags, flags), error);
    add_prediction(object, &mapping->predicted, mapping->predicted.direct_pages, error);
    return object;
}

static struct json_object *file_object(const struct cramfs_survey *survey,
                                       const struct cramfs_xip_report *report,
                                       const struct cramfs_xip_file *file, int *error)
{
    struct json_object *object = json_object_new_object();
    struct json_object *mappings = json_object_new_array();
    *error |= json_add_path(object, &survey->entries, file->entry);
    add_int(object, "size", survey->entries.list[file->entry].inode.size, error);
    add_string(object, "program", cramfs_program_kind_name(file->kind), error);
    add_prediction(object, &file->whole, file->whole.direct_pages, error);
    for (size_t i = 0; i < file->mappings_count; i++) {
        struct json_object *mapping =
            mapping_object(&report->mappings[file->first_mapping + i], error);
        if (json_object_array_add(mappings, mapping) != 0)
            *error = -CRAMFS_ERR_MEMORY;
    }
    add(object, "mappings", mappings, error);
    return object;
}

static struct json_object *image_object(const struct cramfs_image *image,
                                        const struct cramfs_xip_report *report, int *error)
{
    struct json_object *object = json_object_new_object();
    add_int(object, "size", (int64_t)image->reader.size, error);
    add_string(object, "endian", text_order(image->order), error);
    add_int(object, "page_size", image->page_size, error);
    add_string(object, "kernel", cramfs_kernel_names[report->kernel], error);
    if (report->address == CRAMFS_ANY_ADDRESS)
        json_object_object_add(object, "base", NULL);
    else
        add(object, "base", json_object_new_uint64(report->address), error);
    return object;
}

static struct json_object *totals_object(const struct cramfs_xip_report *report, int *error)
{
    struct json_object *object = json_object_new_object();
    add_int(object, "files", (int64_t)report->files_count, error);
    add_int(object, "pages", (int64_t)report->pages, error);
    add_int(object, "direct_pages", (int64_t)report->direct_pages, error);
    add_int(object, "ram_saved_bytes", (int64_t)report->ram_saved_bytes, error);
    add_int(object, "flash_cost_bytes", report->flash_cost_bytes, error);
    add_string(object, "flash_cost_compressor", cramfs_compressor_name(CRAMFS_COMPRESSOR_DEFAULT),
               error);
    add_int(object, "flash_cost_level", CRAMFS_DEFAULT_LEVEL, error);
    return object;
}

/* Writes one object and frees it. */
static int put_object(struct json_object *object, FILE *out, int error)
{
    const int form = JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE;
    const char *text = error ? NULL : json_object_to_json_string_ext(object, form);
    if (!text)
        error = -CRAMFS_ERR_MEMORY;
    else if (fputs(text, out) < 0)
        error = -CRAMFS_ERR_IO;
    json_object_put(object);
    return error;
}

/*
 * The files go out one by one, and only the braces around them are ours: an image can give one
 * program more names than there is memory for as objects.
 */
int cramfs_xip_report_json(const struct cramfs_image *image, const struct cramfs_survey *survey,
                           const struct cramfs_xip_report *report, FILE *out)
{
    int error = 0;
    fputs("{\"image\": ", out);
    struct json_object *object = image_object(image, report, &error);
    error = put_object(object, out, error);
    fputs(",\n\"totals\": ", out);
    object = totals_object(report, &error);
    error = put_object(object, out, error);
    fputs(",\n\"files\": [", out);
    for (size_t i = 0; !error && i < report->files_count; i++) {
        fputs(i ? ",\n" : "\n", out);
        object = file_object(survey, report, &report->files[i], &error);
        error = put_object(object, out, error);
    }
    fputs("\n]}\n", out);
    return error ? error : ferror(out) ? -CRAMFS_ERR_IO : 0;
}
