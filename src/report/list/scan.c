#include <inttypes.h>
#include <string.h>

#include "cramfs/listing.h"
#include "report/json.h"
#include "report/json_path.h"
#include "report/text.h"

struct list_scanning {
    FILE *out;
    struct json_stream stream;
    struct cramfs_scan_counts *counts;
};

static const char *crc_name(const struct cramfs_scanned *scanned)
{
    static const char *const names[] = {
        [CRAMFS_CRC_RIGHT] = "right",
        [CRAMFS_CRC_WRONG] = "wrong",
        [CRAMFS_CRC_NONE] = "none",
        [CRAMFS_CRC_UNTESTED] = "untested",
    };
    return names[scanned->crc];
}

static void count(struct list_scanning *scanning, const struct cramfs_scanned *scanned)
{
    scanning->counts->found++;
    scanning->counts->wrong += scanned->crc == CRAMFS_CRC_WRONG;
}

static int print_scanned(void *context, const struct cramfs_scanned *scanned)
{
    static const char *const swaps[] = {
        [CRAMFS_SWAP_NONE] = "", [CRAMFS_SWAP_16] = "/swap16", [CRAMFS_SWAP_32] = "/swap32"};
    struct list_scanning *scanning = context;
    const struct cramfs_super *super = &scanned->super;
    char name[CRAMFS_ESCAPED_SIZE(sizeof(super->name))];
    char form[16];
    cramfs_escape(super->name, strnlen(super->name, sizeof(super->name)), name, sizeof(name));
    snprintf(form, sizeof(form), "%s%s", text_order(scanned->order), swaps[scanned->swap]);
    if (!scanning->counts->found)
        fprintf(scanning->out, "%10s %10s %5s %-13s %-8s %s\n", "offset", "size", "super", "endian",
                "crc", "name");
    fprintf(scanning->out, "%10" PRIu64 " %10" PRIu32 " %5" PRIu32 " %-13s %-8s %s\n",
            scanned->offset, super->size, scanned->super_offset, form, crc_name(scanned), name);
    count(scanning, scanned);
    return ferror(scanning->out) ? -CRAMFS_ERR_IO : 0;
}

int cramfs_print_scan(FILE *out, const char *path, struct cramfs_scan_counts *counts,
                      struct cramfs_diags *diags)
{
    struct list_scanning scanning = {.out = out, .counts = counts};
    *counts = (struct cramfs_scan_counts){0};
    return cramfs_scan(path, print_scanned, &scanning, diags);
}

static int add_scanned(void *context, const struct cramfs_scanned *scanned)
{
    struct list_scanning *scanning = context;
    const struct cramfs_super *super = &scanned->super;
    struct json_object *object = json_object_new_object();
    size_t width = cramfs_swap_width(scanned->swap);
    int *error = &scanning->stream.error;
    json_add_int(object, "offset", scanned->offset, error);
    json_add_int(object, "super_offset", scanned->super_offset, error);
    json_add_int(object, "size", super->size, error);
    json_add_string(object, "endian", text_order(scanned->order), error);
    json_add_int(object, "swap", width > 1 ? 8 * width : 0, error);
    json_add_string(object, "crc", crc_name(scanned), error);
    *error |=
        json_add_bytes(object, "name", super->name, strnlen(super->name, sizeof(super->name)));
    json_item(&scanning->stream, object);
    count(scanning, scanned);
    return *error;
}

int cramfs_print_scan_json(FILE *out, const char *path, struct cramfs_scan_counts *counts,
                           struct cramfs_diags *diags)
{
    struct list_scanning scanning = {.out = out, .counts = counts};
    *counts = (struct cramfs_scan_counts){0};
    json_open(&scanning.stream, out);
    json_open_array(&scanning.stream, "superblocks");
    int error = cramfs_scan(path, add_scanned, &scanning, diags);
    json_close_array(&scanning.stream);
    int closed = json_close(&scanning.stream);
    return error ? error : closed;
}
