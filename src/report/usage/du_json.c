#include "base/options.h"
#include "report/json.h"
#include "report/json_path.h"
#include "report/text.h"
#include "report/usage/du.h"

static struct json_object *kind_object(const struct du_sum *sum, int *error)
{
    struct json_object *object = json_object_new_object();
    json_add_string(object, "kind", sum->name, error);
    json_add_int(object, "bytes", sum->bytes, error);
    json_add_int(object, "shared", sum->shared, error);
    return object;
}

static struct json_object *type_object(const struct du_sum *sum, int *error)
{
    struct json_object *object = json_object_new_object();
    json_add_string(object, "type", sum->name, error);
    json_add_int(object, "bytes", sum->bytes, error);
    json_add_int(object, "shared", sum->shared, error);
    json_add_int(object, "entries", sum->entries, error);
    return object;
}

static struct json_object *directory_object(const struct cramfs_survey *survey,
                                            const struct du_sum *sum, int *error)
{
    struct json_object *object = json_object_new_object();
    *error |= json_add_path(object, &survey->entries, sum->entry);
    json_add_int(object, "bytes", sum->bytes, error);
    json_add_int(object, "own", sum->own, error);
    json_add_int(object, "in_place", sum->in_place, error);
    json_add_int(object, "shared", sum->shared, error);
    return object;
}

static struct json_object *entry_object(const struct cramfs_survey *survey,
                                        const struct du_sum *sum, int *error)
{
    struct json_object *object = json_object_new_object();
    *error |= json_add_path(object, &survey->entries, sum->entry);
    json_add_string(object, "type", text_type(survey->entries.list[sum->entry].inode.mode), error);
    json_add_int(object, "bytes", sum->bytes, error);
    json_add_int(object, "in_place", sum->in_place, error);
    json_add_int(object, "otherwise", sum->bytes - sum->in_place, error);
    json_add_int(object, "shared", sum->shared, error);
    return object;
}

static struct json_object *savings_object(const struct cramfs_savings *savings, int *error)
{
    struct json_object *object = json_object_new_object();
    json_add_int(object, "shared_blocks", savings->shared_blocks, error);
    json_add_int(object, "shared_bytes", savings->shared_bytes, error);
    json_add_int(object, "shared_inodes", savings->shared_inodes, error);
    json_add_int(object, "inode_bytes", savings->inode_bytes, error);
    json_add_int(object, "holes", savings->holes, error);
    json_add_int(object, "hole_bytes", savings->hole_bytes, error);
    return object;
}

static void put_sums(struct json_stream *stream, const struct du *du)
{
    json_open_array(stream, "kinds");
    for (size_t i = 0; i < du->kinds_count; i++)
        json_item(stream, kind_object(&du->kinds[i], &stream->error));
    json_close_array(stream);
    json_open_array(stream, "types");
    for (size_t i = 0; i < du->types_count; i++)
        json_item(stream, type_object(&du->types[i], &stream->error));
    json_close_array(stream);
}

static void put_table(struct json_stream *stream, const char *name, const struct cramfs_view *view,
                      const struct du_table *table,
                      struct json_object *make(const struct cramfs_survey *, const struct du_sum *,
                                               int *))
{
    json_open_array(stream, name);
    for (size_t i = 0; !stream->error && i < table->count; i++)
        json_item(stream, make(view->survey, &table->list[i], &stream->error));
    json_close_array(stream);
}

int cramfs_print_usage_json(FILE *out, const struct cramfs_view *view,
                            const struct cramfs_usage *usage, const struct cramfs_du_options *given)
{
    struct json_stream stream;
    struct du du;
    struct du_table directories = {0};
    struct du_table chosen = {0};
    struct cramfs_du_options options;
    options_copy(&options, sizeof(options), given);
    json_open(&stream, out);
    json_take_error(&stream, du_sum_up(view, usage, &du));
    if (!stream.error)
        json_take_error(&stream, du_list_kind(view, usage, true, &directories));
    if (!stream.error && options.chosen)
        json_take_error(&stream, du_list_chosen(view, usage, &options, &chosen));
    json_member(&stream, "image", json_image(view->image, &stream.error));
    put_sums(&stream, &du);
    put_table(&stream, "directories", view, &directories, directory_object);
    if (options.chosen)
        put_table(&stream, "entries", view, &chosen, entry_object);
    json_member(&stream, "savings", savings_object(&usage->savings, &stream.error));
    struct json_object *behind =
        json_object_new_int64((int64_t)(view->image->file_size - view->image->reader.size));
    json_member(&stream, "bytes_behind", behind);
    du_table_free(&directories);
    du_table_free(&chosen);
    return json_close(&stream);
}
