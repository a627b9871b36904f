#include "tree/directory/entry.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/array.h"
#include "tree/directory/disk.h"
#include "tree/directory/refusals.h"
#include "tree/layers/layers.h"
#include "tree/layers/part.h"
#include "tree/losses.h"

static int take_directory(struct directory_walking *walking, const struct directory_entry *entry,
                          struct cramfs_node *node)
{
    if (walking->tree->one_file_system && entry->facts->status.st_dev != walking->device)
        return 0;
    uint32_t place = (uint32_t)walking->source->places_count;
    if (!ARRAY_GROW(walking, waiting) ||
        !directory_source_add_place(walking->source, entry->in.place, entry->name,
                                    &entry->facts->status))
        return cramfs_fail_memory(walking->diags);
    bool dropped = entry->in.drop;
    walking->waiting[walking->waiting_count++] =
        (struct found){place, node, dropped ? entry->in.drop - 1 : 0, dropped};
    return 0;
}

static int take_node(struct directory_walking *walking, const struct directory_entry *entry,
                     struct cramfs_node *node)
{
    disk_take_status(node, &entry->facts->status);
    node->linked = !S_ISDIR(node->mode) && entry->facts->status.st_nlink > 1;
    switch (node->mode & S_IFMT) {
    case S_IFREG:
        return directory_source_add_file(walking->source, entry->in.place, node,
                                         &entry->facts->status)
                   ? 0
                   : cramfs_fail_memory(walking->diags);
    case S_IFLNK:
        return disk_take_target(walking->tree, node, &entry->facts->target, walking->diags);
    case S_IFDIR:
        return take_directory(walking, entry, node);
    default:
        return 0;
    }
}

int add_directory_input(const struct directory_walking *walking, uint32_t place, const char *name)
{
    if (!walking->tree->inputs)
        return 0;
    char *below = directory_source_path(walking->source, place, name);
    char *path = NULL;
    int error = -CRAMFS_ERR_MEMORY;
    if (below && asprintf(&path, "%s%s%s", walking->root, *below ? "/" : "", below) >= 0)
        error = cramfs_inputs_add(walking->tree->inputs, path);
    free(path);
    free(below);
    return error;
}

static int put_entry(const struct directory_walking *walking, const struct directory_entry *entry,
                     struct cramfs_node **node)
{
    int second = refuse_second(walking, entry);
    part_count_taken(walking->tree);
    int error = layers_put(walking->tree, entry->in.node, entry->name, entry->facts->status.st_mode,
                           walking->diags, node);
    return error ? error : second;
}

/* Takes an entry whose name is dropped: only entries below it belong to the part. */
static int drop_entry(struct directory_walking *walking, const struct directory_entry *entry)
{
    struct cramfs_tree *tree = walking->tree;
    char *path = source_path(walking, entry->in.place, entry->name);
    if (!path)
        return cramfs_fail_memory(walking->diags);
    uint32_t mode = entry->facts->status.st_mode;
    char *to;
    int error = part_place(tree, path, mode, walking->diags, &to);
    if (!error && S_ISDIR(mode) && tree->whiteouts && entry->facts->opaque)
        error = part_fail_opaque(path, walking->diags);
    if (!error && S_ISDIR(mode))
        error = take_directory(walking, entry, entry->in.node);
    free(to);
    free(path);
    return error;
}

static int keep_entry(struct directory_walking *walking, const struct directory_entry *entry)
{
    struct cramfs_node *node;
    int lost = put_entry(walking, entry, &node);
    if (lost == -CRAMFS_ERR_MEMORY)
        return lost;
    uint32_t mode = entry->facts->status.st_mode;
    if ((S_ISREG(mode) || S_ISDIR(mode)) &&
        add_directory_input(walking, entry->in.place, entry->name) != 0)
        return cramfs_fail_memory(walking->diags);
    losses_add(&walking->tree->losses, &entry->facts->losses);
    node->opaque = entry->facts->opaque && S_ISDIR(mode);
    int error = take_node(walking, entry, node);
    return error ? error : lost;
}

int take_directory_entry(struct directory_walking *walking, const struct found *in,
                         const char *name, struct directory_facts *facts)
{
    const struct directory_entry entry = {*in, name, facts};
    errno = facts->system_error;
    if (errno)
        return in->drop ? fail_dropped(walking, in->place, name) : refuse_unseen(walking, &entry);
    return in->drop ? drop_entry(walking, &entry) : keep_entry(walking, &entry);
}
