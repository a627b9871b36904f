#include "tree/directory/entry.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/array.h"
#include "tree/directory/attributes.h"
#include "tree/directory/disk.h"
#include "tree/directory/refusals.h"
#include "tree/layers/layers.h"
#include "tree/layers/part.h"

static int take_directory(struct directory_walking *walking, const struct directory_entry *entry,
                          struct cramfs_node *node)
{
    if (walking->tree->one_file_system && entry->status.st_dev != walking->device)
        return 0;
    uint32_t place = (uint32_t)walking->source->places_count;
    if (!ARRAY_GROW(walking, waiting) ||
        !directory_source_add_place(walking->source, entry->in.place, entry->name, &entry->status))
        return cramfs_fail_memory(walking->diags);
    bool dropped = entry->in.drop;
    walking->waiting[walking->waiting_count++] =
        (struct found){place, node, dropped ? entry->in.drop - 1 : 0, dropped};
    return 0;
}

static int take_node(struct directory_walking *walking, const struct directory_entry *entry,
                     struct cramfs_node *node)
{
    disk_take_status(node, &entry->status);
    node->linked = !S_ISDIR(node->mode) && entry->status.st_nlink > 1;
    switch (node->mode & S_IFMT) {
    case S_IFREG:
        return directory_source_add_file(walking->source, entry->in.place, node, &entry->status)
                   ? 0
                   : cramfs_fail_memory(walking->diags);
    case S_IFLNK:
        return disk_take_target(walking->tree, node, entry->file, &entry->status, walking->diags);
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
    int error = layers_put(walking->tree, entry->in.node, entry->name, entry->status.st_mode,
                           walking->diags, node);
    return error ? error : second;
}

/* Takes an entry whose name is dropped: only entries below it belong to the part. */
static int drop_entry(struct directory_walking *walking, const struct directory_entry *entry)
{
    struct cramfs_tree *tree = walking->tree;
    struct cramfs_losses losses = {0};
    char *path = source_path(walking, entry->in.place, entry->name);
    if (!path)
        return cramfs_fail_memory(walking->diags);
    uint32_t mode = entry->status.st_mode;
    char *to;
    int error = part_place(tree, path, mode, walking->diags, &to);
    if (!error && S_ISDIR(mode) && tree->whiteouts && count_attributes(&losses, entry))
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
    uint32_t mode = entry->status.st_mode;
    if ((S_ISREG(mode) || S_ISDIR(mode)) &&
        add_directory_input(walking, entry->in.place, entry->name) != 0)
        return cramfs_fail_memory(walking->diags);
    node->opaque = count_attributes(&walking->tree->losses, entry) && S_ISDIR(mode);
    int error = take_node(walking, entry, node);
    return error ? error : lost;
}

/*
 * Opens a regular file to read it: its attributes are then listed without a detour. Looks first, as
 * a device must not be opened.
 */
static bool open_regular(struct directory_entry *entry)
{
    struct stat *status = &entry->status;
    if (fstatat(entry->directory, entry->name, status, AT_SYMLINK_NOFOLLOW) != 0 ||
        !S_ISREG(status->st_mode))
        return false;
    int file = openat(entry->directory, entry->name,
                      O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    entry->file = directory_source_verify(file, status->st_dev, status->st_ino);
    return entry->file >= 0;
}

/* Opens the entry and reads its status; false with errno. */
static bool open_entry(struct directory_entry *entry)
{
    entry->readable = open_regular(entry);
    if (entry->readable)
        return true;
    entry->file = openat(entry->directory, entry->name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    return entry->file >= 0 && fstat(entry->file, &entry->status) == 0;
}

int take_directory_entry(struct directory_walking *walking, const struct found *in, int directory,
                         const char *name)
{
    struct directory_entry entry = {.in = *in, .directory = directory, .name = name};
    int excluded = in->drop ? 0 : cramfs_excludes_match_in(walking->tree->excludes, in->node, name);
    if (excluded)
        return excluded < 0 ? cramfs_fail_memory(walking->diags) : 0;
    int error;
    if (!open_entry(&entry))
        error = in->drop ? fail_dropped(walking, in->place, name) : refuse_unseen(walking, &entry);
    else
        error = in->drop ? drop_entry(walking, &entry) : keep_entry(walking, &entry);
    if (entry.file >= 0)
        close(entry.file);
    return error;
}
