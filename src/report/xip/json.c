#include "report/json.h"
#include "cramfs/diag.h"
#include "cramfs/xip_report.h"
#include "report/json_path.h"
#include "report/text.h"

/* The pages of a mapping, its direct pages, and a reason; the reason is null if all are direct. */
static void add_prediction(struct json_object *object, const struct cramfs_prediction *prediction,
                           uint64_t direct_pages, int *error)
{
    char buffer[64];
    const char *reason = cramfs_reason_text(prediction, buffer, sizeof(buffer));
    json_add_int(object, "pages", prediction->pages, error);
    json_add_int(object, "direct_pages", direct_pages, error);
    if (reason)
        json_add_string(object, "reason", reason, error);
    else
        json_add_null(object, "reason", error);
}

static struct json_object *mapping_object(const struct cramfs_xip_mapping *mapping, int *error)
{
    struct json_object *object = json_object_new_object();
    char flags[4];
    json_add_int(object, "segment", (uint64_t)mapping->asked.segment, error);
    json_add_int(object, "offset", mapping->asked.offset, error);
    json_add_int(object, "length", mapping->asked.length, error);
    json_add_string(object, "flags", text_flags(mapping->asked.flags, flags), error);
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
    json_add_int(object, "size", survey->entries.list[file->entry].inode.size, error);
    json_add_string(object, "program", cramfs_program_kind_name(file->kind), error);
    add_prediction(object, &file->whole, file->whole.direct_pages, error);
    json_add_int(object, "possible_pages", file->possible_pages, error);
    json_add_int(object, "lost_pages", cramfs_xip_lost_pages(file), error);
    json_add_int(object, "ram_saved_bytes", file->ram_saved_bytes, error);
    json_add_int(object, "flash_cost_bytes", file->flash_cost_bytes, error);
    if (report->profiled) {
        json_add_int(object, "touched_pages", file->touched_pages, error);
        json_add_int(object, "touched_direct_pages", file->touched_direct_pages, error);
        json_add_int(object, "untouched_direct_pages", cramfs_xip_untouched_pages(file), error);
    }
    if (file->shares_with == CRAMFS_NO_ENTRY)
        json_add_null(object, "shares_with", error);
    else
        *error |= json_add_entry(object, "shares_with", &survey->entries, file->shares_with);
    for (size_t i = 0; i < file->mappings_count; i++)
        json_append(mappings, mapping_object(&report->mappings[file->first_mapping + i], error),
                    error);
    json_add(object, "mappings", mappings, error);
    return object;
}

static struct json_object *image_object(const struct cramfs_image *image,
                                        const struct cramfs_xip_report *report, int *error)
{
    struct json_object *object = json_image(image, error);
    json_add_string(object, "kernel", cramfs_kernel_names()[report->kernel], error);
    if (report->address == CRAMFS_ANY_ADDRESS)
        json_add_null(object, "base", error);
    else
        json_add(object, "base", json_object_new_uint64(report->address), error);
    return object;
}

static struct json_object *totals_object(const struct cramfs_xip_report *report, int *error)
{
    struct json_object *object = json_object_new_object();
    json_add_int(object, "files", report->files_count, error);
    json_add_int(object, "pages", report->pages, error);
    json_add_int(object, "direct_pages", report->direct_pages, error);
    json_add_int(object, "possible_pages", report->possible_pages, error);
    json_add_int(object, "lost_pages", report->possible_pages - report->direct_pages, error);
    json_add_int(object, "ram_saved_bytes", report->ram_saved_bytes, error);
    json_add_int(object, "flash_cost_bytes", report->flash_cost_bytes, error);
    if (report->profiled) {
        json_add_int(object, "touched_pages", report->touched_pages, error);
        json_add_int(object, "touched_direct_pages", report->touched_direct_pages, error);
        json_add_int(object, "untouched_direct_pages",
                     report->direct_pages - report->touched_direct_pages, error);
    }
    json_add_string(object, "flash_cost_compressor",
                    cramfs_compressor_name(CRAMFS_COMPRESSOR_DEFAULT), error);
    json_add_int(object, "flash_cost_level", CRAMFS_DEFAULT_LEVEL, error);
    return object;
}

static struct json_object *missed_object(const struct cramfs_survey *survey,
                                         const struct cramfs_xip_missed *missed, int *error)
{
    struct json_object *object = json_object_new_object();
    *error |= json_add_path(object, &survey->entries, missed->entry);
    json_add_int(object, "offset", missed->offset, error);
    json_add_int(object, "touches", missed->touches, error);
    return object;
}

/* The touched pages that are not direct, most touches first. */
static void add_missed(struct json_stream *stream, const struct cramfs_survey *survey,
                       const struct cramfs_xip_report *report)
{
    json_open_array(stream, "missed");
    for (size_t i = 0; !stream->error && i < report->missed_count; i++)
        json_item(stream, missed_object(survey, &report->missed[i], &stream->error));
    json_close_array(stream);
}

int cramfs_xip_report_json(const struct cramfs_image *image, const struct cramfs_survey *survey,
                           const struct cramfs_xip_report *report, FILE *out)
{
    struct json_stream stream;
    json_open(&stream, out);
    json_member(&stream, "image", image_object(image, report, &stream.error));
    json_member(&stream, "totals", totals_object(report, &stream.error));
    json_open_array(&stream, "files");
    for (size_t i = 0; !stream.error && i < report->files_count; i++)
        json_item(&stream, file_object(survey, report, &report->files[i], &stream.error));
    json_close_array(&stream);
    if (report->profiled)
        add_missed(&stream, survey, report);
    return json_close(&stream);
}
