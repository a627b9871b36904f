#include "tree/directory/refusals.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tree/directory/disk.h"
#include "tree/layers/part.h"
#include "tree/layers/second.h"

/* Refuses a file that is gone or was replaced; where that loss is allowed, the node is removed. */
static int refuse_changed(const struct directory_walking *walking, struct cramfs_node *node)
{
    bool allowed = walking->tree->allow & CRAMFS_LOSS_BIT(CRAMFS_LOSS_CHANGED) && node->parent;
    if (!allowed)
        return disk_fail_changed(node, walking->diags);
    cramfs_node_report(walking->diags, CRAMFS_ALLOWED, CRAMFS_ERR_CHANGED, node,
                       "it changed while the image was built; left out");
    cramfs_tree_remove(node);
    return 0;
}

int refuse(const struct directory_walking *walking, struct cramfs_node *node, const char *what)
{
    return directory_source_has_changed(errno)
               ? refuse_changed(walking, node)
               : disk_refuse(walking->tree, node, what, walking->diags);
}

static const char *show_source(const struct directory_walking *walking, char shown[256])
{
    return cramfs_escape(walking->path, strlen(walking->path), shown, 256);
}

/* Whether a node is another name of the entry: a hard link. */
static bool is_same_file(const struct directory_walking *walking, const struct cramfs_node *node,
                         const struct stat *status)
{
    const struct directory_file *file;
    if (node->source != &walking->source->base || !S_ISREG(status->st_mode))
        return false;
    file = &walking->source->files[node->source_offset];
    return file->device == status->st_dev && file->inode == status->st_ino;
}

int refuse_second(const struct directory_walking *walking, const struct directory_entry *entry)
{
    struct cramfs_tree *tree = walking->tree;
    const struct cramfs_node *there = cramfs_tree_find(tree, entry->in.node, entry->name);
    if (!there || there->layer != tree->layer ||
        is_same_file(walking, there, &entry->facts->status))
        return 0;
    char *path = directory_source_path(walking->source, entry->in.place, entry->name);
    int error = second_refuse(tree, there, entry->facts->status.st_mode, walking->path,
                              path ? path : "", walking->diags);
    free(path);
    return error;
}

int refuse_unseen(const struct directory_walking *walking, const struct directory_entry *entry)
{
    int system_error = errno;
    char source[256];
    struct cramfs_tree *tree = walking->tree;
    struct cramfs_node *node = cramfs_tree_find(tree, entry->in.node, entry->name);
    if (node)
        return cramfs_node_fail(walking->diags, CRAMFS_ERR_IO, node, "cannot examine it in %s: %s",
                                show_source(walking, source), strerror(system_error));
    node = cramfs_tree_put(tree, entry->in.node, entry->name, 0);
    if (!node)
        return cramfs_fail_memory(walking->diags);
    errno = system_error;
    return refuse(walking, node, "examine it");
}

char *source_path(const struct directory_walking *walking, uint32_t place, const char *name)
{
    const struct cramfs_part *part = walking->tree->part;
    char *below = directory_source_path(walking->source, place, name);
    char *path = NULL;
    if (!below || asprintf(&path, "%s/%s", part && part->subtree ? part->subtree : "", below) < 0)
        path = NULL;
    free(below);
    return path;
}

int fail_dropped(const struct directory_walking *walking, uint32_t place, const char *name)
{
    int system_error = errno;
    char *path = source_path(walking, place, name);
    char source[256];
    int error = cramfs_fail(walking->diags, CRAMFS_ERR_IO, path, "cannot examine it in %s: %s",
                            show_source(walking, source), strerror(system_error));
    free(path);
    return error;
}
