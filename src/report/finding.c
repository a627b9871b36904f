#include "cramfs/finding_report.h"

#include <inttypes.h>
#include <string.h>

#include "report/json.h"
#include "report/json_path.h"
#include "report/text.h"

void cramfs_finding_print(FILE *out, const char *image, const struct cramfs_survey *survey,
                          const struct cramfs_finding *finding)
{
    const struct cramfs_rule_info *rule = cramfs_rule_info(finding->rule);
    cramfs_print_text(out, image);
    fprintf(out, ": %s: ", cramfs_finding_severity_name(finding->severity));
    if (finding->entry != CRAMFS_NO_ENTRY) {
        char path[TEXT_PATH_SIZE];
        fprintf(out, "%s: ", text_entry_path(survey, finding->entry, path));
    }
    if (finding->block != CRAMFS_NO_BLOCK)
        fprintf(out, "block %" PRIu32 " ", finding->block);
    if (finding->offset != CRAMFS_NO_OFFSET)
        fprintf(out, "at %" PRIu64 ": ", finding->offset);
    cramfs_print_text(out, finding->text);
    fprintf(out, " [%s: %s]\n", rule->name, rule->text);
}

int cramfs_finding_json(FILE *out, bool first, const struct cramfs_survey *survey,
                        const struct cramfs_finding *finding)
{
    const struct cramfs_rule_info *rule = cramfs_rule_info(finding->rule);
    struct json_object *object = json_object_new_object();
    int error = 0;
    json_add_string(object, "severity", cramfs_finding_severity_name(finding->severity), &error);
    json_add_string(object, "rule", rule->name, &error);
    if (finding->entry == CRAMFS_NO_ENTRY)
        json_add_null(object, "path", &error);
    else if (!error)
        error = json_add_path(object, &survey->entries, finding->entry);
    if (finding->block == CRAMFS_NO_BLOCK)
        json_add_null(object, "block", &error);
    else
        json_add_int(object, "block", finding->block, &error);
    if (finding->offset == CRAMFS_NO_OFFSET)
        json_add_null(object, "offset", &error);
    else
        json_add_int(object, "offset", finding->offset, &error);
    /* It may name another file. */
    if (!error)
        error = json_add_bytes(object, "what", finding->text, strlen(finding->text));
    json_add_string(object, "must", rule->text, &error);
    struct json_stream list = {.out = out, .error = error, .started = !first};
    json_item(&list, object);
    return list.error;
}
