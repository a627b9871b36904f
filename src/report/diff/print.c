#include <inttypes.h>
#include <string.h>

#include "cramfs/diff.h"
#include "report/diff/print_growth.h"
#include "report/json_path.h"
#include "report/list/entry_json.h"
#include "report/text.h"

static const char *const change_names[] = {"changed", "removed", "added"};

static const char *change_name(const struct cramfs_change *change)
{
    return change_names[change->entries[0] == CRAMFS_NO_ENTRY   ? 2
                        : change->entries[1] == CRAMFS_NO_ENTRY ? 1
                                                                : 0];
}

/* The side that has the entry, the new one when both have. */
static int side_of(const struct cramfs_change *change)
{
    return change->entries[1] == CRAMFS_NO_ENTRY ? 0 : 1;
}

static const struct cramfs_inode *inode_of(const struct cramfs_diff *diff, int side,
                                           const struct cramfs_change *change)
{
    return &diff->views[side]->survey->entries.list[change->entries[side]].inode;
}

static void print_what(FILE *out, const struct cramfs_diff *diff,
                       const struct cramfs_change *change)
{
    const struct cramfs_inode *before = inode_of(diff, 0, change);
    const struct cramfs_inode *after = inode_of(diff, 1, change);
    const char *comma = ": ";
    for (unsigned bit = 1; bit <= CRAMFS_CHANGED_MOVED; bit *= 2) {
        if (!(change->what & bit))
            continue;
        fprintf(out, "%s%s", comma, cramfs_change_name((enum cramfs_change_bit)bit));
        comma = ", ";
        if (bit == CRAMFS_CHANGED_TYPE)
            fprintf(out, " %s -> %s", text_type(before->mode), text_type(after->mode));
        else if (bit == CRAMFS_CHANGED_MODE)
            fprintf(out, " %04o -> %04o", before->mode & 07777u, after->mode & 07777u);
        else if (bit == CRAMFS_CHANGED_OWNER)
            fprintf(out, " %u:%u -> %u:%u", before->uid, before->gid, after->uid, after->gid);
        else if (bit == CRAMFS_CHANGED_IN_PLACE)
            fprintf(out, " %" PRIu32 " -> %" PRIu32 " pages", change->in_place[0],
                    change->in_place[1]);
        else if (bit == CRAMFS_CHANGED_MOVED)
            fprintf(out, " %" PRIu32 " pages", change->moved);
    }
}

static void print_change(FILE *out, const struct cramfs_diff *diff,
                         const struct cramfs_change *change)
{
    char path[TEXT_PATH_SIZE];
    int side = side_of(change);
    fprintf(out, "%-7s %s", change_name(change),
            text_entry_path(diff->views[side]->survey, change->entries[side], path));
    if (change->what)
        print_what(out, diff, change);
    fputc('\n', out);
}

static void print_kinds(FILE *out, const struct cramfs_diff *diff)
{
    fprintf(out, "%10s %10s %11s %s\n", "old bytes", "new bytes", "change", "kind");
    uint64_t totals[2] = {0};
    for (int kind = 0; kind <= CRAMFS_USAGE_KINDS; kind++) {
        bool total = kind == CRAMFS_USAGE_KINDS;
        uint64_t before = total ? totals[0] : diff->kinds[0][kind];
        uint64_t after = total ? totals[1] : diff->kinds[1][kind];
        totals[0] += before;
        totals[1] += after;
        if (before || after)
            fprintf(out, "%10" PRIu64 " %10" PRIu64 " %+11" PRId64 " %s\n", before, after,
                    (int64_t)(after - before),
                    total ? "total" : cramfs_usage_kind_name((enum cramfs_usage_kind)kind));
    }
}

int cramfs_print_diff(FILE *out, const struct cramfs_diff *diff)
{
    if (diff->same_bytes && !diff->changes_count)
        return ferror(out) ? -CRAMFS_ERR_IO : 0;
    for (size_t i = 0; i < diff->changes_count; i++)
        print_change(out, diff, &diff->changes[i]);
    if (diff->changes_count)
        fputc('\n', out);
    print_kinds(out, diff);
    if (print_growth(out, diff) != 0)
        return -CRAMFS_ERR_MEMORY;
    fprintf(out, "\n%" PRIu64 " pages gained in place, %" PRIu64 " lost, %" PRIu64 " moved\n",
            diff->xip_gained, diff->xip_lost, diff->moved);
    if (diff->erase_block)
        fprintf(out,
                "%" PRIu64 " of %" PRIu64 " erase blocks of %" PRIu64
                " bytes differ, about %" PRIu64 " must\n",
                diff->erase_blocks_differing, diff->erase_blocks, diff->erase_block,
                diff->erase_blocks_least);
    return ferror(out) ? -CRAMFS_ERR_IO : 0;
}

static struct json_object *side_object(const struct cramfs_diff *diff, int side,
                                       const struct cramfs_change *change, int *error)
{
    const struct cramfs_inode *inode = inode_of(diff, side, change);
    struct json_object *object = json_object_new_object();
    json_add_status(object, inode, error);
    json_add_int(object, "pages_in_place", change->in_place[side], error);
    return object;
}

static struct json_object *what_array(const struct cramfs_change *change, int *error)
{
    struct json_object *array = json_object_new_array();
    for (unsigned bit = 1; bit <= CRAMFS_CHANGED_MOVED; bit *= 2) {
        if (!(change->what & bit))
            continue;
        const char *name = cramfs_change_name((enum cramfs_change_bit)bit);
        json_append(array, json_object_new_string(name), error);
    }
    return array;
}

static struct json_object *change_object(const struct cramfs_diff *diff,
                                         const struct cramfs_change *change, int *error)
{
    struct json_object *object = json_object_new_object();
    int side = side_of(change);
    *error |= json_add_path(object, &diff->views[side]->survey->entries, change->entries[side]);
    json_add_string(object, "change", change_name(change), error);
    if (change->entries[0] != CRAMFS_NO_ENTRY)
        json_add(object, "old", side_object(diff, 0, change, error), error);
    if (change->entries[1] != CRAMFS_NO_ENTRY)
        json_add(object, "new", side_object(diff, 1, change, error), error);
    if (change->what) {
        json_add(object, "what", what_array(change, error), error);
        json_add_int(object, "pages_moved", change->moved, error);
    }
    return object;
}

static struct json_object *growth_object(const struct cramfs_diff *diff,
                                         const struct cramfs_growth *growth, int *error)
{
    struct json_object *object = json_object_new_object();
    int side = growth->entries[1] == CRAMFS_NO_ENTRY ? 0 : 1;
    const struct cramfs_entries *entries = &diff->views[side]->survey->entries;
    *error |= json_add_path(object, entries, growth->entries[side]);
    json_add_string(object, "type", text_type(entries->list[growth->entries[side]].inode.mode),
                    error);
    json_add_int(object, "old", growth->bytes[0], error);
    json_add_int(object, "new", growth->bytes[1], error);
    return object;
}

static struct json_object *kind_object(const struct cramfs_diff *diff, int kind, int *error)
{
    struct json_object *object = json_object_new_object();
    json_add_string(object, "kind", cramfs_usage_kind_name((enum cramfs_usage_kind)kind), error);
    json_add_int(object, "old", diff->kinds[0][kind], error);
    json_add_int(object, "new", diff->kinds[1][kind], error);
    return object;
}

static struct json_object *erase_object(const struct cramfs_diff *diff, int *error)
{
    struct json_object *object = json_object_new_object();
    json_add_int(object, "size", diff->erase_block, error);
    json_add_int(object, "all", diff->erase_blocks, error);
    json_add_int(object, "differing", diff->erase_blocks_differing, error);
    json_add_int(object, "least", diff->erase_blocks_least, error);
    return object;
}

static struct json_object *pages_object(const struct cramfs_diff *diff, int *error)
{
    struct json_object *object = json_object_new_object();
    json_add_int(object, "gained", diff->xip_gained, error);
    json_add_int(object, "lost", diff->xip_lost, error);
    json_add_int(object, "moved", diff->moved, error);
    return object;
}

int cramfs_print_diff_json(FILE *out, const struct cramfs_diff *diff)
{
    struct json_stream stream;
    json_open(&stream, out);
    json_member(&stream, "old", json_image(diff->views[0]->image, &stream.error));
    json_member(&stream, "new", json_image(diff->views[1]->image, &stream.error));
    json_member(&stream, "same", json_object_new_boolean(diff->same_bytes));
    json_open_array(&stream, "changes");
    for (size_t i = 0; !stream.error && i < diff->changes_count; i++)
        json_item(&stream, change_object(diff, &diff->changes[i], &stream.error));
    json_close_array(&stream);
    json_open_array(&stream, "growth");
    for (size_t i = 0; !stream.error && i < diff->growths_count; i++)
        json_item(&stream, growth_object(diff, &diff->growths[i], &stream.error));
    json_close_array(&stream);
    json_open_array(&stream, "kinds");
    for (int kind = 0; kind < CRAMFS_USAGE_KINDS; kind++) {
        if (diff->kinds[0][kind] || diff->kinds[1][kind])
            json_item(&stream, kind_object(diff, kind, &stream.error));
    }
    json_close_array(&stream);
    json_member(&stream, "pages_in_place", pages_object(diff, &stream.error));
    if (diff->erase_block)
        json_member(&stream, "erase_blocks", erase_object(diff, &stream.error));
    return json_close(&stream);
}
