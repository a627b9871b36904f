#include <inttypes.h>

#include "cramfs/listing.h"
#include "report/json.h"
#include "report/json_path.h"
#include "report/text.h"

static void print_gap(FILE *out, uint64_t begin, uint64_t end)
{
    if (begin < end)
        fprintf(out, "%10" PRIu64 " %10" PRIu64 " gap\n", begin, end - begin);
}

static void print_extent(FILE *out, const struct cramfs_extent *extent,
                         cramfs_owner_path_fn *owner_path, const void *context)
{
    char path[CRAMFS_PATH_SIZE];
    char shown[TEXT_PATH_SIZE];
    size_t length = owner_path(context, extent->owner, path);
    fprintf(out, "%10" PRIu64 " %10" PRIu64 " %-10s %s", extent->offset, extent->length,
            cramfs_extent_kind_name(extent->kind),
            cramfs_escape(path, length, shown, sizeof(shown)));
    text_put_blocks(out, extent);
    fputc('\n', out);
}

int cramfs_print_extents(FILE *out, const struct cramfs_extents *extents, uint64_t image_size,
                         cramfs_owner_path_fn *owner_path, const void *context)
{
    uint64_t reach = 0;
    fprintf(out, "%10s %10s %-10s %s\n", "offset", "length", "kind", "owner");
    for (size_t i = 0; i < extents->list_count; i++) {
        const struct cramfs_extent *extent = &extents->list[i];
        print_gap(out, reach, extent->offset);
        print_extent(out, extent, owner_path, context);
        if (extent->offset + extent->length > reach)
            reach = extent->offset + extent->length;
    }
    print_gap(out, reach, image_size);
    return ferror(out) ? -CRAMFS_ERR_IO : 0;
}

size_t cramfs_survey_owner_path(const void *context, uint32_t owner, char *to)
{
    const struct cramfs_survey *survey = context;
    return cramfs_entry_path(&survey->entries, owner, to, CRAMFS_PATH_SIZE);
}

/* NULL for `extent` is a gap. */
static struct json_object *extent_object(const struct cramfs_survey *survey, uint64_t offset,
                                         uint64_t length, const struct cramfs_extent *extent,
                                         int *error)
{
    struct json_object *object = json_object_new_object();
    json_add_int(object, "offset", offset, error);
    json_add_int(object, "length", length, error);
    json_add_string(object, "kind", extent ? cramfs_extent_kind_name(extent->kind) : "gap", error);
    if (!extent)
        return object;
    *error |= json_add_path(object, &survey->entries, extent->owner);
    if (extent->blocks) {
        json_add_int(object, "first_block", extent->first_block, error);
        json_add_int(object, "blocks", extent->blocks, error);
    }
    return object;
}

static void put_gap(struct json_stream *stream, const struct cramfs_survey *survey, uint64_t begin,
                    uint64_t end)
{
    if (begin < end)
        json_item(stream, extent_object(survey, begin, end - begin, NULL, &stream->error));
}

int cramfs_print_extents_json(FILE *out, const struct cramfs_view *view)
{
    const struct cramfs_extents *extents = &view->survey->extents;
    struct json_stream stream;
    uint64_t reach = 0;
    json_open(&stream, out);
    json_member(&stream, "image", json_image(view->image, &stream.error));
    json_open_array(&stream, "extents");
    for (size_t i = 0; !stream.error && i < extents->list_count; i++) {
        const struct cramfs_extent *extent = &extents->list[i];
        put_gap(&stream, view->survey, reach, extent->offset);
        json_item(&stream, extent_object(view->survey, extent->offset, extent->length, extent,
                                         &stream.error));
        if (extent->offset + extent->length > reach)
            reach = extent->offset + extent->length;
    }
    put_gap(&stream, view->survey, reach, view->image->reader.size);
    json_close_array(&stream);
    return json_close(&stream);
}
