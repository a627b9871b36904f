#include <inttypes.h>
#include <string.h>

#include "cramfs/listing.h"
#include "report/json.h"
#include "report/json_path.h"
#include "report/text.h"

static const struct {
    uint32_t flag;
    const char *name;
} flag_names[] = {
    {CRAMFS_FLAG_FSID_VERSION_2, "FSID_VERSION_2"},
    {CRAMFS_FLAG_SORTED_DIRS, "SORTED_DIRS"},
    {CRAMFS_FLAG_HOLES, "HOLES"},
    {CRAMFS_FLAG_WRONG_SIGNATURE, "WRONG_SIGNATURE"},
    {CRAMFS_FLAG_SHIFTED_ROOT_OFFSET, "SHIFTED_ROOT_OFFSET"},
    {CRAMFS_FLAG_EXT_BLOCK_POINTERS, "EXT_BLOCK_POINTERS"},
};
enum { FLAG_NAMES = sizeof(flag_names) / sizeof(flag_names[0]) };

static void print_flags(FILE *out, uint32_t flags)
{
    fprintf(out, "flags:    0x%08" PRIx32, flags);
    for (size_t i = 0; i < FLAG_NAMES; i++) {
        if (flags & flag_names[i].flag)
            fprintf(out, " %s", flag_names[i].name);
    }
    fputc('\n', out);
}

int cramfs_print_super(FILE *out, const struct cramfs_image *image)
{
    const struct cramfs_super *super = &image->super;
    char name[CRAMFS_ESCAPED_SIZE(sizeof(super->name))];
    cramfs_escape(super->name, strnlen(super->name, sizeof(super->name)), name, sizeof(name));
    fprintf(out, "offset:   %" PRIu32 "\n", image->super_offset);
    fprintf(out, "endian:   %s\n", text_order(image->order));
    fprintf(out, "size:     %" PRIu32 "\n", super->size);
    print_flags(out, super->flags);
    fprintf(out, "crc:      0x%08" PRIx32 "\n", super->crc);
    fprintf(out, "edition:  %" PRIu32 "\n", super->edition);
    fprintf(out, "blocks:   %" PRIu32 "\n", super->blocks);
    fprintf(out, "files:    %" PRIu32 "\n", super->files);
    fprintf(out, "name:     %s\n", name);
    return ferror(out) ? -CRAMFS_ERR_IO : 0;
}

static struct json_object *flags_array(uint32_t flags, int *error)
{
    struct json_object *array = json_object_new_array();
    for (size_t i = 0; i < FLAG_NAMES; i++) {
        if (flags & flag_names[i].flag)
            json_append(array, json_object_new_string(flag_names[i].name), error);
    }
    return array;
}

int cramfs_print_super_json(FILE *out, const struct cramfs_image *image)
{
    const struct cramfs_super *super = &image->super;
    struct json_stream stream;
    json_open(&stream, out);
    json_member(&stream, "image", json_image(image, &stream.error));
    struct json_object *object = json_object_new_object();
    int *error = &stream.error;
    json_add_int(object, "offset", image->super_offset, error);
    json_add_int(object, "size", super->size, error);
    json_add_int(object, "flags", super->flags, error);
    json_add(object, "flag_names", flags_array(super->flags, error), error);
    json_add_int(object, "crc", super->crc, error);
    json_add_int(object, "edition", super->edition, error);
    json_add_int(object, "blocks", super->blocks, error);
    json_add_int(object, "files", super->files, error);
    *error |=
        json_add_bytes(object, "name", super->name, strnlen(super->name, sizeof(super->name)));
    json_member(&stream, "superblock", object);
    return json_close(&stream);
}
