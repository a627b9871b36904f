/*
 * A directory as the source of a tree.
 *
 * Our own walk and not libarchive's read_disk or fts(3): those name each file by a path, which
 * limits depth to PATH_MAX or changes the process's working directory. Here everything is opened
 * relative to a directory, without following a link. What is found may be laid over another
 * directory than the one of its name (layers.h), so the walk keeps both: the place in the source,
 * and the node.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/array.h"
#include "base/remedy.h"
#include "cramfs/tree.h"
#include "tree/directory/disk.h"
#include "tree/directory/names.h"
#include "tree/directory/source.h"
#include "tree/layers/layers.h"
#include "tree/layers/part.h"
#include "tree/layers/second.h"
#include "tree/layers/whiteouts.h"
#include "tree/losses.h"

/*
 * A directory that was found and is to be listed. One whose name is dropped has no node: what is in
 * it goes where the part of the source goes.
 */
struct found {
    uint32_t place;
    struct cramfs_node *node;
    unsigned drop; /* so many names of what is in it are still to be dropped */
    bool dropped;  /* so was its own */
};

struct directory_walking {
    struct cramfs_tree *tree;
    const char *path; /* of the source, as the caller names it, */
    char *root;       /* and of the part of it that is taken */
    struct directory_source *source;
    struct cramfs_diags *diags;
    dev_t device; /* of the source's own file system */
    DIR *listed;  /* the directory listed last, still open */
    uint32_t listed_place;
    struct found *waiting; /* directories found and not yet listed */
    size_t waiting_count;
    size_t waiting_capacity;
};

/* An entry of a directory, at work. */
struct directory_entry {
    struct found in;
    int directory; /* open */
    const char *name;
    struct stat status;
};

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

/* What is no longer there, or is something else: an error, or where that is allowed its end. */
static int refuse_changed(const struct directory_walking *walking, struct cramfs_node *node)
{
    bool allowed = walking->tree->allow & CRAMFS_LOSS_BIT(CRAMFS_LOSS_CHANGED) && node->parent;
    if (!allowed)
        return disk_fail_changed(node, walking->diags);
    cramfs_node_report(walking->diags, CRAMFS_WARNING, CRAMFS_ERR_CHANGED, node,
                       "it changed while the image was built; left out");
    cramfs_tree_remove(node);
    return 0;
}

static int refuse(const struct directory_walking *walking, struct cramfs_node *node,
                  const char *what)
{
    return directory_source_has_changed(errno)
               ? refuse_changed(walking, node)
               : disk_refuse(walking->tree, node, what, walking->diags);
}

/* The target of the link whose status is known, and of no other that took its place since. */
static int take_link(const struct directory_walking *walking, const struct directory_entry *entry,
                     struct cramfs_node *node)
{
    int link = openat(entry->directory, entry->name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    if (link < 0)
        return refuse(walking, node, "open the link");
    const struct stat *status = &entry->status;
    link = directory_source_verify(link, status->st_dev, status->st_ino);
    if (link < 0)
        return refuse(walking, node, "examine the link");
    int error = disk_take_target(walking->tree, node, link, "", status, walking->diags);
    close(link);
    return error;
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
        return take_link(walking, entry, node);
    case S_IFDIR:
        return take_directory(walking, entry, node);
    default:
        return 0;
    }
}

/* Where an entry is on this machine, for who wants to know what was read. */
static int add_input(const struct directory_walking *walking, uint32_t place, const char *name)
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

static const char *show_source(const struct directory_walking *walking, char shown[256])
{
    return cramfs_escape(walking->path, strlen(walking->path), shown, 256);
}

/* Through links of earlier sources, and where names are dropped, two entries come to one place. */
static int refuse_second(const struct directory_walking *walking,
                         const struct directory_entry *entry)
{
    struct cramfs_tree *tree = walking->tree;
    const struct cramfs_node *there = cramfs_tree_find(tree, entry->in.node, entry->name);
    if (!there || there->layer != tree->layer)
        return 0;
    char *path = directory_source_path(walking->source, entry->in.place, entry->name);
    int error = second_refuse(tree, there, entry->status.st_mode, walking->path, path ? path : "",
                              walking->diags);
    free(path);
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

/* The system says nothing of an entry, errno says why: what an earlier source has there stays. */
static int refuse_unseen(const struct directory_walking *walking,
                         const struct directory_entry *entry)
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

/* The path of an entry in the source, allocated; also before the part of it that is taken. */
static char *source_path(const struct directory_walking *walking, uint32_t place, const char *name)
{
    const struct cramfs_part *part = walking->tree->part;
    char *below = directory_source_path(walking->source, place, name);
    char *path = NULL;
    if (!below || asprintf(&path, "%s/%s", part && part->subtree ? part->subtree : "", below) < 0)
        path = NULL;
    free(below);
    return path;
}

/* What the system says against an entry that has no node: always an error. */
static int fail_dropped(const struct directory_walking *walking, uint32_t place, const char *name)
{
    int system_error = errno;
    char *path = source_path(walking, place, name);
    char source[256];
    int error = cramfs_fail(walking->diags, CRAMFS_ERR_IO, path, "cannot look at it in %s: %s",
                            show_source(walking, source), strerror(system_error));
    free(path);
    return error;
}

/* An entry whose name is dropped: only what is below it is of the part. */
static int drop_entry(struct directory_walking *walking, struct directory_entry *entry)
{
    struct cramfs_tree *tree = walking->tree;
    struct cramfs_losses losses = {0};
    if (fstatat(entry->directory, entry->name, &entry->status, AT_SYMLINK_NOFOLLOW) != 0)
        return fail_dropped(walking, entry->in.place, entry->name);
    char *path = source_path(walking, entry->in.place, entry->name);
    if (!path)
        return cramfs_fail_memory(walking->diags);
    uint32_t mode = entry->status.st_mode;
    char *to;
    int error = part_place(tree, path, mode, walking->diags, &to);
    if (!error && S_ISDIR(mode) && tree->whiteouts &&
        losses_count_xattrs(&losses, entry->directory, entry->name, mode))
        error = part_fail_opaque(path, walking->diags);
    if (!error && S_ISDIR(mode))
        error = take_directory(walking, entry, entry->in.node);
    free(to);
    free(path);
    return error;
}

static int take_entry(struct directory_walking *walking, const struct found *in, int directory,
                      const char *name)
{
    struct directory_entry entry = {.in = *in, .directory = directory, .name = name};
    struct cramfs_node *node;
    if (in->drop)
        return drop_entry(walking, &entry);
    int excluded = cramfs_excludes_fit_in(walking->tree->excludes, in->node, name);
    if (excluded)
        return excluded < 0 ? cramfs_fail_memory(walking->diags) : 0;
    if (fstatat(directory, name, &entry.status, AT_SYMLINK_NOFOLLOW) != 0)
        return refuse_unseen(walking, &entry);
    int lost = put_entry(walking, &entry, &node);
    if (lost == -CRAMFS_ERR_MEMORY)
        return lost;
    uint32_t mode = entry.status.st_mode;
    if ((S_ISREG(mode) || S_ISDIR(mode)) && add_input(walking, in->place, name) != 0)
        return cramfs_fail_memory(walking->diags);
    node->opaque =
        losses_count_xattrs(&walking->tree->losses, directory, name, mode) && S_ISDIR(mode);
    int error = take_node(walking, &entry, node);
    return error ? error : lost;
}

/* The directories that were found last are listed in the order of their names. */
static void turn_round(struct directory_walking *walking, size_t from)
{
    struct found *list = walking->waiting;
    size_t end = walking->waiting_count;
    while (from + 1 < end) {
        struct found other = list[from];
        list[from++] = list[--end];
        list[end] = other;
    }
}

/* Adds all entries of an open directory. Unreadable ones are reported and the rest goes on. */
static int list_entries(struct directory_walking *walking, const struct found *in, DIR *stream)
{
    struct directory_names names = {0};
    size_t waiting = walking->waiting_count;
    int result = names_read(stream, &names);
    if (result == -CRAMFS_ERR_IO)
        result = disk_refuse(walking->tree, in->node, "list it", walking->diags);
    else if (result)
        result = cramfs_fail_memory(walking->diags);
    for (size_t i = 0; i < names.list_count && names.list && result != -CRAMFS_ERR_MEMORY; i++) {
        int error = take_entry(walking, in, dirfd(stream), names.list[i]);
        result = error ? error : result;
    }
    names_free(&names);
    turn_round(walking, waiting);
    return result;
}

/*
 * Opens a directory to list it: from the one listed last when it is in there, which the deepest
 * always are, so that a chain of directories is not walked from the root at each of its links.
 */
static int open_directory(const struct directory_walking *walking, uint32_t place)
{
    const struct directory_place *wanted = &walking->source->places[place];
    const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    int file;
    if (walking->listed && place && wanted->parent == walking->listed_place) {
        file = openat(dirfd(walking->listed), wanted->name, flags);
    } else {
        int opened = directory_source_open(walking->source, place);
        if (opened < 0)
            return -1;
        file = openat(opened, ".", flags);
        int error = errno;
        close(opened);
        errno = error;
    }
    return directory_source_verify(file, wanted->device, wanted->inode);
}

static int read_directory(struct directory_walking *walking, const struct found *found)
{
    int file = open_directory(walking, found->place);
    if (file < 0 && found->dropped)
        return fail_dropped(walking, found->place, "");
    if (file < 0)
        return errno == ENOMEM ? cramfs_fail_memory(walking->diags)
                               : refuse(walking, found->node, "open it");
    DIR *stream = fdopendir(file);
    if (!stream) {
        int error = errno;
        close(file);
        return cramfs_node_fail(walking->diags, CRAMFS_ERR_IO, found->node, "cannot list: %s",
                                strerror(error));
    }
    if (walking->listed)
        closedir(walking->listed);
    walking->listed = stream;
    walking->listed_place = found->place;
    return list_entries(walking, found, stream);
}

/* Lists directory after directory; those found on the way wait in a list, not on the stack. */
static int read_tree(struct directory_walking *walking, struct cramfs_node *top)
{
    int result = 0;
    struct found found = {.node = top};
    found.drop = walking->tree->part ? walking->tree->part->strip : 0;
    for (;;) {
        bool gone = found.node->removed || !S_ISDIR(found.node->mode);
        int error = gone ? 0 : read_directory(walking, &found);
        if (error)
            result = error;
        if (error == -CRAMFS_ERR_MEMORY || !walking->waiting_count)
            return result;
        found = walking->waiting[--walking->waiting_count];
    }
}

/* Where the source goes: the root, or the directory that its part says, with its mode and owner. */
static int put_top(const struct directory_walking *walking, const struct stat *status,
                   struct cramfs_node **top)
{
    struct cramfs_tree *tree = walking->tree;
    const char *into = part_into(tree);
    bool dropped = tree->part && tree->part->strip;
    *top = layers_follow(tree, layers_lookup(tree, into));
    if (!dropped || !*top || !S_ISDIR((*top)->mode)) {
        uint32_t mode = dropped ? S_IFDIR | 0755 : status->st_mode;
        int error = cramfs_tree_put_path(tree, into, mode, walking->diags, top);
        if (error)
            return error;
    }
    if (dropped)
        return 0;
    part_count_taken(tree);
    disk_take_status(*top, status);
    if (tree->part)
        (*top)->opaque =
            losses_count_xattrs(&tree->losses, walking->source->root, ".", status->st_mode);
    return 0;
}

/* Whether the place where it goes, or one on the way, is left out; or an error. */
static int is_left_out(const struct directory_walking *walking)
{
    const char *into = part_into(walking->tree);
    char *path = *into ? layers_path(walking->tree, into) : NULL;
    int fit = path ? cramfs_excludes_fit(walking->tree->excludes, path) : 0;
    fit = *into && !path ? -CRAMFS_ERR_MEMORY : fit;
    free(path);
    return fit;
}

static int read_source(struct directory_walking *walking)
{
    struct cramfs_tree *tree = walking->tree;
    struct stat status;
    struct cramfs_node *top;
    int error = layers_begin(tree, walking->path, walking->diags);
    int left_out = error ? 0 : is_left_out(walking);
    if (error || left_out)
        return left_out < 0 ? cramfs_fail_memory(walking->diags) : error;
    error = directory_source_create(tree, walking->path, walking->diags, &walking->source, &status);
    walking->device = status.st_dev;
    if (!error)
        error = put_top(walking, &status, &top);
    if (!error && add_input(walking, 0, "") != 0)
        error = cramfs_fail_memory(walking->diags);
    if (!error)
        error = read_tree(walking, top);
    return error ? error : part_end(tree, walking->path, walking->diags);
}

int cramfs_tree_read_directory(struct cramfs_tree *tree, const char *path,
                               struct cramfs_diags *diags)
{
    struct directory_walking walking = {.tree = tree, .path = path, .diags = diags};
    const char *subtree = tree->part ? tree->part->subtree : NULL;
    if (asprintf(&walking.root, "%s%s%s", path, subtree ? "/" : "", subtree ? subtree : "") < 0)
        return cramfs_fail_memory(diags);
    int error = read_source(&walking);
    if (walking.listed)
        closedir(walking.listed);
    free(walking.waiting);
    free(walking.root);
    return error ? error : whiteouts_end_source(tree, path, diags);
}
