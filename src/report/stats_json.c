#include <stdlib.h>
#include <string.h>

#include "base/options.h"
#include "cramfs/diag.h"
#include "cramfs/stats.h"
#include "report/json.h"
#include "report/json_path.h"
#include "report/text.h"

static struct json_object *options_object(const struct cramfs_plan_options *options, int *error)
{
    struct json_object *object = json_object_new_object();
    json_add_string(object, "endian", text_order(options->order), error);
    json_add_int(object, "page_size", options->page_size, error);
    json_add_string(object, "kernel", cramfs_kernel_names()[options->kernel], error);
    json_add_string(object, "compressor", cramfs_compressor_name(options->compressor), error);
    json_add_int(object, "level", (uint64_t)options->level, error);
    json_add_int(object, "jobs", options->jobs, error);
    return object;
}

static struct json_object *bytes_object(const struct cramfs_plan_summary *summary,
                                        const struct cramfs_stats *stats, int *error)
{
    const struct {
        const char *key;
        uint64_t bytes;
    } members[] = {
        {"source", summary->files_size}, {"image", summary->image_size},
        {"metadata", summary->metadata}, {"deflated", summary->deflated},
        {"stored", summary->stored},     {"in_place", summary->in_place},
        {"inserted", summary->inserted}, {"alignment", summary->gaps},
        {"padding", stats->padding},
    };
    struct json_object *object = json_object_new_object();
    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
        json_add_int(object, members[i].key, members[i].bytes, error);
    return object;
}

static struct json_object *counts_object(const struct cramfs_plan_summary *summary, int *error)
{
    struct json_object *object = json_object_new_object();
    json_add_int(object, "entries", summary->files, error);
    json_add_int(object, "in_place_pages", summary->in_place_pages, error);
    json_add_int(object, "shared_blocks", summary->shared_blocks, error);
    json_add_int(object, "shared_inodes", summary->inodes_shared, error);
    json_add_int(object, "holes", summary->hole_blocks, error);
    return object;
}

/* A number that has no bound, or that no image has, is null. */
static void add_bounded(struct json_object *object, const char *key, uint64_t value, int *error)
{
    if (value == UINT64_MAX)
        json_add_null(object, key, error);
    else
        json_add_int(object, key, value, error);
}

static struct json_object *choice_object(const struct cramfs_plan_options *options,
                                         const struct cramfs_budget_summary *budget, int *error)
{
    struct json_object *object = json_object_new_object();
    add_bounded(object, "budget", options->budget, error);
    json_add_int(object, "cost", budget->cost, error);
    add_bounded(object, "full_cost", budget->full_cost, error);
    json_add_int(object, "pages", budget->pages, error);
    json_add_int(object, "left_pages", budget->left_pages, error);
    if (options->profile)
        json_add_int(object, "touched_pages", budget->touched_pages, error);
    return object;
}

static struct json_object *split_file_object(const struct cramfs_node *node, uint32_t mappings,
                                             int *error)
{
    struct json_object *object = json_object_new_object();
    char *path = cramfs_node_path(node);
    *error |= path ? json_add_bytes(object, "path", path, strlen(path)) : -CRAMFS_ERR_MEMORY;
    json_add_int(object, "mappings", mappings, error);
    free(path);
    return object;
}

static struct json_object *split_files(const struct cramfs_split_summary *split,
                                       const struct cramfs_stats *stats, int *error)
{
    struct json_object *array = json_object_new_array();
    struct cramfs_split_file *files = calloc((size_t)split->files + 1, sizeof(*files));
    if (!files)
        *error = -CRAMFS_ERR_MEMORY;
    if (files)
        cramfs_plan_split_files(stats->plan, files);
    for (uint32_t i = 0; files && i < split->files; i++)
        json_append(array,
                    split_file_object(stats->tree->nodes[files[i].node], files[i].mappings, error),
                    error);
    free(files);
    return array;
}

static struct json_object *split_object(const struct cramfs_plan_options *options,
                                        const struct cramfs_split_summary *split,
                                        const struct cramfs_stats *stats, int *error)
{
    struct json_object *object = json_object_new_object();
    if (options->split == CRAMFS_SPLIT_MAX)
        json_add_null(object, "cuts", error);
    else
        json_add_int(object, "cuts", options->split, error);
    json_add_int(object, "files", split->files, error);
    json_add_int(object, "mappings", split->mappings, error);
    if (stats->plan && stats->tree)
        json_add(object, "changed", split_files(split, stats, error), error);
    return object;
}

static struct json_object *like_object(const struct cramfs_plan_options *options,
                                       const struct cramfs_like_summary *like,
                                       const struct cramfs_stats *stats, int *error)
{
    struct json_object *object = json_object_new_object();
    json_add(object, "kept", json_object_new_boolean(like->kept), error);
    json_add_int(object, "slack", options->slack, error);
    json_add_int(object, "fresh_size", like->fresh_size, error);
    json_add_int(object, "erase_block", options->erase_block, error);
    json_add_int(object, "erase_blocks", like->erase_blocks, error);
    json_add_int(object, "differing", like->differing, error);
    json_add_int(object, "least", stats->erase_blocks_least, error);
    return object;
}

static struct json_object *seconds_object(const struct cramfs_stats *stats, int *error)
{
    struct json_object *object = json_object_new_object();
    json_add(object, "read", json_object_new_double(stats->read_seconds), error);
    json_add(object, "plan", json_object_new_double(stats->plan_seconds), error);
    json_add(object, "write", json_object_new_double(stats->write_seconds), error);
    return object;
}

int cramfs_print_stats(const struct cramfs_plan_options *given_options,
                       const struct cramfs_plan_summary *summary, const struct cramfs_stats *given,
                       FILE *out)
{
    struct cramfs_plan_options options;
    struct cramfs_stats stats;
    cramfs_plan_options_init(&options);
    if (given_options)
        options_copy(&options, sizeof(options), given_options);
    options_copy(&stats, sizeof(stats), given);
    struct json_stream stream;
    json_open(&stream, out);
    json_member(&stream, "options", options_object(&options, &stream.error));
    json_member(&stream, "bytes", bytes_object(summary, &stats, &stream.error));
    json_member(&stream, "counts", counts_object(summary, &stream.error));
    if (options.choose)
        json_member(&stream, "choice", choice_object(&options, &summary->budget, &stream.error));
    if (options.split)
        json_member(&stream, "split",
                    split_object(&options, &summary->split, &stats, &stream.error));
    if (options.like)
        json_member(&stream, "like", like_object(&options, &summary->like, &stats, &stream.error));
    json_member(&stream, "seconds", seconds_object(&stats, &stream.error));
    return json_close(&stream);
}
