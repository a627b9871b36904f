/*
 * A directory as the source of a tree.
 *
 * The walk is our own. libarchive's read_disk and fts(3) name each file by a path, which limits
 * depth to PATH_MAX or changes the process's working directory. Here everything is opened relative
 * to a directory, without following a link. An entry may be laid over another directory than the
 * one of its name (layers.h), so the walk keeps both its place in the source and its node.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cramfs/tree.h"
#include "tree/directory/attributes.h"
#include "tree/directory/disk.h"
#include "tree/directory/entry.h"
#include "tree/directory/names.h"
#include "tree/directory/refusals.h"
#include "tree/directory/walking.h"
#include "tree/layers/layers.h"
#include "tree/layers/part.h"
#include "tree/layers/whiteouts.h"

/* Reverses the directories found last, so that they are listed in the order of their names. */
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

/* Removes the names that are left out: nobody looks at such an entry. */
static int leave_out(const struct directory_walking *walking, const struct found *in,
                     struct directory_names *names)
{
    size_t kept = 0;
    for (size_t i = 0; i < names->list_count; i++) {
        const struct directory_name *name = &names->list[i];
        int excluded =
            in->drop ? 0 : cramfs_excludes_match_in(walking->tree->excludes, in->node, name->name);
        if (excluded < 0)
            return excluded;
        if (!excluded)
            names->list[kept++] = *name;
    }
    names->list_count = kept;
    return 0;
}

/* Unreadable entries are reported, and the rest is added. */
static int take_entries(struct directory_walking *walking, const struct found *in, int directory,
                        const struct directory_names *names)
{
    int result = 0;
    if (examiner_begin(walking->examiner, directory, names) != 0)
        return cramfs_fail_memory(walking->diags);
    for (size_t i = 0; i < names->list_count && result != -CRAMFS_ERR_MEMORY; i++) {
        struct directory_facts *facts = examiner_next(walking->examiner);
        int error = facts ? take_directory_entry(walking, in, names->list[i].name, facts)
                          : cramfs_fail_memory(walking->diags);
        result = error ? error : result;
    }
    examiner_stop(walking->examiner);
    return result;
}

/* Adds all entries of an open directory. */
static int list_entries(struct directory_walking *walking, const struct found *in, DIR *stream)
{
    struct directory_names names = {0};
    size_t waiting = walking->waiting_count;
    int result = names_read(stream, &names);
    if (!result)
        result = leave_out(walking, in, &names);
    if (result == -CRAMFS_ERR_IO)
        result = disk_refuse(walking->tree, in->node, "list it", walking->diags);
    else if (result)
        result = cramfs_fail_memory(walking->diags);
    else
        result = take_entries(walking, in, dirfd(stream), &names);
    names_free(&names);
    turn_round(walking, waiting);
    return result;
}

/*
 * Opens a directory to list it: relative to the last one listed when it is inside that. The deepest
 * directories always are, so a chain of directories is not walked from the root again and again.
 */
static int open_directory(const struct directory_walking *walking, uint32_t place)
{
    const struct directory_place *wanted = &walking->source->places[place];
    const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    int file;
    if (walking->listed && place && wanted->parent == walking->listed_place) {
        file = openat(dirfd(walking->listed), wanted->name, flags);
    } else {
        int opened = directory_source_open(walking->source, place, &walking->source->last);
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

/*
 * The directory that the source's root becomes, with its mode and owner: the tree's root, or the
 * one that the part names.
 */
static int put_top(const struct directory_walking *walking, const struct stat *status,
                   struct cramfs_node **top)
{
    struct cramfs_tree *tree = walking->tree;
    const struct open_entry entry = {
        .file = walking->source->root, .readable = true, .status = *status};
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
    bool opaque = count_attributes(&tree->losses, &entry);
    if (tree->part) /* in overlayfs the top of a layer is never opaque */
        (*top)->opaque = opaque;
    return 0;
}

/* Whether the place where it goes, or a directory on the way, is left out; or an error. */
static int is_left_out(const struct directory_walking *walking)
{
    const char *into = part_into(walking->tree);
    char *path = *into ? layers_path(walking->tree, into) : NULL;
    int excluded = path ? cramfs_excludes_match(walking->tree->excludes, path) : 0;
    excluded = *into && !path ? -CRAMFS_ERR_MEMORY : excluded;
    free(path);
    return excluded;
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
    if (!error && add_directory_input(walking, 0, "") != 0)
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
    walking.examiner = examiner_create(tree->jobs);
    int error = walking.examiner ? read_source(&walking) : cramfs_fail_memory(diags);
    examiner_free(walking.examiner);
    if (walking.listed)
        closedir(walking.listed);
    free(walking.waiting);
    free(walking.root);
    return error ? error : whiteouts_end_source(tree, path, diags);
}
