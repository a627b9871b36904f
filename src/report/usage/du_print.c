#include <inttypes.h>

#include "report/json.h"
#include "report/json_path.h"
#include "report/text.h"
#include "report/usage/du.h"

struct du_table {
    FILE *out;
    uint64_t total;
};

static void print_share(const struct du_table *table, uint64_t bytes)
{
    double share = table->total ? 100.0 * (double)bytes / (double)table->total : 0.0;
    fprintf(table->out, "%10" PRIu64 " %5.1f%%", bytes, share);
}

static void print_kinds(const struct du_table *table, const struct du *du)
{
    uint64_t shared = 0;
    fprintf(table->out, "%10s %6s %10s %s\n", "bytes", "share", "shared", "kind");
    for (size_t i = 0; i < du->kinds_count; i++) {
        const struct du_sum *sum = &du->kinds[i];
        shared += sum->shared;
        print_share(table, sum->bytes);
        fprintf(table->out, " %10" PRIu64 " %s\n", sum->shared, sum->name);
    }
    print_share(table, table->total);
    fprintf(table->out, " %10" PRIu64 " total\n", shared);
}

static void print_types(const struct du_table *table, const struct du *du)
{
    fprintf(table->out, "\n%10s %6s %10s %8s %s\n", "bytes", "share", "shared", "entries", "type");
    for (size_t i = 0; i < du->types_count; i++) {
        const struct du_sum *sum = &du->types[i];
        print_share(table, sum->bytes);
        fprintf(table->out, " %10" PRIu64 " %8" PRIu64 " %s\n", sum->shared, sum->entries,
                sum->name);
    }
}

static void print_directories(const struct du_table *table, const struct cramfs_view *view,
                              const struct du *du)
{
    fprintf(table->out, "\n%10s %6s %10s %10s %s\n", "bytes", "share", "own", "shared",
            "directory");
    for (size_t i = 0; i < du->directories_count; i++) {
        const struct du_sum *sum = &du->directories[i];
        char path[TEXT_PATH_SIZE];
        print_share(table, sum->bytes);
        fprintf(table->out, " %10" PRIu64 " %10" PRIu64 " %s\n", sum->own, sum->shared,
                text_entry_path(view->survey, sum->entry, path));
    }
}

static void print_savings(FILE *out, const struct cramfs_savings *savings)
{
    fprintf(out, "\n%10" PRIu64 " saved by %" PRIu64 " shared blocks\n", savings->shared_bytes,
            savings->shared_blocks);
    fprintf(out, "%10" PRIu64 " saved by %" PRIu64 " shared inodes\n", savings->inode_bytes,
            savings->shared_inodes);
    fprintf(out, "%10" PRIu64 " zeroes left out in %" PRIu64 " holes\n", savings->hole_bytes,
            savings->holes);
}

int cramfs_print_usage(FILE *out, const struct cramfs_view *view, const struct cramfs_usage *usage)
{
    const struct cramfs_image *image = view->image;
    struct du_table table = {out, image->reader.size};
    struct du du;
    int error = du_sum_up(view, usage, &du);
    if (!error) {
        print_kinds(&table, &du);
        print_types(&table, &du);
        print_directories(&table, view, &du);
        print_savings(out, &usage->savings);
        if (image->file_size > image->reader.size)
            fprintf(out, "%10" PRIu64 " behind the file system are not part of it\n",
                    image->file_size - image->reader.size);
    }
    du_free(&du);
    return error ? error : ferror(out) ? -CRAMFS_ERR_IO : 0;
}

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

static void put_sums(struct json_stream *stream, const struct cramfs_view *view,
                     const struct du *du)
{
    json_open_array(stream, "kinds");
    for (size_t i = 0; i < du->kinds_count; i++)
        json_item(stream, kind_object(&du->kinds[i], &stream->error));
    json_close_array(stream);
    json_open_array(stream, "types");
    for (size_t i = 0; i < du->types_count; i++)
        json_item(stream, type_object(&du->types[i], &stream->error));
    json_close_array(stream);
    json_open_array(stream, "directories");
    for (size_t i = 0; !stream->error && i < du->directories_count; i++)
        json_item(stream, directory_object(view->survey, &du->directories[i], &stream->error));
    json_close_array(stream);
}

int cramfs_print_usage_json(FILE *out, const struct cramfs_view *view,
                            const struct cramfs_usage *usage)
{
    struct json_stream stream;
    struct du du;
    json_open(&stream, out);
    stream.error = du_sum_up(view, usage, &du);
    json_member(&stream, "image", json_image(view->image, &stream.error));
    put_sums(&stream, view, &du);
    json_member(&stream, "savings", savings_object(&usage->savings, &stream.error));
    struct json_object *behind =
        json_object_new_int64((int64_t)(view->image->file_size - view->image->reader.size));
    json_member(&stream, "bytes_behind", behind);
    du_free(&du);
    return json_close(&stream);
}
