/*
 * The demands that are not met, as JSON.
 */
#include "cramfs/xip_gate.h"

#include <string.h>

#include "cramfs/diag.h"
#include "report/json.h"
#include "report/json_path.h"
#include "report/xip/gating.h"

static struct json_object *short_object(const struct gating *gating,
                                        const struct cramfs_xip_file *file, int *error)
{
    struct json_object *object = json_object_new_object();
    char buffer[64];
    *error |= json_add_path(object, &gating->survey->entries, file->entry);
    json_add_int(object, "direct_pages", file->direct_pages, error);
    json_add_int(object, "possible_pages", file->possible_pages, error);
    json_add_string(object, "reason",
                    cramfs_xip_lost_reason(gating->report, file, buffer, sizeof(buffer)), error);
    return object;
}

/* The files that are listed for a demand. A file is listed for one demand: its strictest. */
static struct json_object *short_array(const struct gating *gating, size_t number, int *error)
{
    struct json_object *array = json_object_new_array();
    for (size_t i = 0; i < gating->short_files_count; i++) {
        const struct short_file *found = &gating->short_files[i];
        if (found->demand == number)
            json_append(array, short_object(gating, found->file, error), error);
    }
    return array;
}

static struct json_object *failed_object(const struct gating *gating, size_t number,
                                         const char *why, int *error)
{
    const struct cramfs_xip_report *report = gating->report;
    struct json_object *object = json_object_new_object();
    bool whole = number == DEMAND_ON_IMAGE;
    struct demanded demanded =
        whole ? (struct demanded){report->files_count, gating->image_short_files,
                                  report->possible_pages, report->direct_pages}
              : gating->demanded[number];
    if (whole)
        json_add_null(object, "glob", error);
    else if (!*error)
        *error = json_add_bytes(object, "glob", gating->gate->demands[number].glob.pattern,
                                strlen(gating->gate->demands[number].glob.pattern));
    json_add_int(object, "percent", gating_percent(gating, number), error);
    json_add_int(object, "files", demanded.files, error);
    json_add_int(object, "short_files", demanded.short_files, error);
    json_add_int(object, "direct_pages", demanded.direct_pages, error);
    json_add_int(object, "possible_pages", demanded.possible_pages, error);
    json_add_string(object, "reason", why, error);
    json_add(object, "short", short_array(gating, number, error), error);
    return object;
}

int cramfs_xip_gate_json(const struct cramfs_xip_gate *gate, const struct cramfs_survey *survey,
                         const struct cramfs_xip_report *report, FILE *out)
{
    struct gating gating = {.gate = gate, .survey = survey, .report = report, .out = out};
    struct json_stream list = {.out = out, .error = gating_open(&gating)};
    const char *whole = gating_failure(&gating, DEMAND_ON_IMAGE);
    fputc('[', out);
    if (!list.error && whole)
        json_item(&list, failed_object(&gating, DEMAND_ON_IMAGE, whole, &list.error));
    for (size_t i = 0; !list.error && i < gate->demands_count; i++) {
        const char *why = gating_failure(&gating, i);
        if (why)
            json_item(&list, failed_object(&gating, i, why, &list.error));
    }
    json_close_array(&list);
    gating_close(&gating);
    return list.error;
}
