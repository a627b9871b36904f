/*
 * A directory as the source of a tree.
 *
 * Our own walk and not libarchive's read_disk or fts(3): those name each file by a path, which
 * limits depth to PATH_MAX or changes the process's working directory. Here everything is opened
 * relative to a directory, one bounded piece of path at a time.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/array.h"
#include "cramfs/format.h"
#include "cramfs/tree.h"
#include "tree/directory/disk.h"
#include "tree/losses.h"
#include "tree/whiteouts.h"

struct directory_source {
    struct cramfs_source base;
    int root; /* open, O_PATH is not enough: the root itself is listed through it */
};

struct walking {
    struct cramfs_tree *tree;
    const char *path; /* of the source, as the caller names it */
    const struct directory_source *source;
    struct cramfs_diags *diags;
    dev_t device; /* of the source's own file system */
    DIR *listed;  /* the directory listed last, still open */
    const struct cramfs_node *listed_node;
    struct cramfs_node **waiting; /* directories found and not yet listed */
    size_t waiting_count;
    size_t waiting_capacity;
};

/*
 * Opens `path` (relative, without a leading '/') below `root`. A path longer than the system takes
 * at once is walked in pieces that end at a '/'.
 */
static int open_below(int root, const char *path, int flags)
{
    int at = root;
    size_t length = strlen(path);
    while (length >= PATH_MAX) {
        size_t cut = PATH_MAX - 1;
        while (path[cut] != '/')
            cut--; /* a name has at most NAME_MAX bytes, so there is one */
        char piece[PATH_MAX];
        memcpy(piece, path, cut);
        piece[cut] = '\0';
        int next = openat(at, piece, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        int error = errno;
        if (at != root)
            close(at);
        errno = error;
        if (next < 0)
            return -1;
        at = next;
        path += cut + 1;
        length -= cut + 1;
    }
    int file = openat(at, *path ? path : ".", flags | O_NOFOLLOW | O_CLOEXEC);
    int error = errno;
    if (at != root)
        close(at);
    errno = error;
    return file;
}

/* A file descriptor, or -1 with errno. */
static int open_node(const struct directory_source *source, const struct cramfs_node *node,
                     int flags)
{
    char *path = cramfs_node_path(node);
    int file = path ? open_below(source->root, path + 1, flags) : -1;
    int error = path ? errno : ENOMEM;
    free(path);
    errno = error;
    return file;
}

static int read_content(const struct cramfs_source *base, const struct cramfs_node *node, void *to,
                        struct cramfs_diags *diags)
{
    const struct directory_source *source = (const struct directory_source *)base;
    int file = open_node(source, node, O_RDONLY | O_NONBLOCK);
    if (file < 0)
        return cramfs_node_fail(diags, CRAMFS_ERR_IO, node, "cannot open it: %s", strerror(errno));
    int error = disk_read_file(file, node, to, diags);
    close(file);
    return error;
}

static void free_source(struct cramfs_source *base)
{
    struct directory_source *source = (struct directory_source *)base;
    close(source->root);
    free(source);
}

static int take_node(struct walking *walking, struct cramfs_node *node, int directory,
                     const struct stat *status)
{
    disk_take_status(node, status);
    node->linked = !S_ISDIR(node->mode) && status->st_nlink > 1;
    switch (node->mode & S_IFMT) {
    case S_IFREG:
        node->source = &walking->source->base;
        return 0;
    case S_IFLNK:
        return disk_take_target(walking->tree, node, directory, node->name, status, walking->diags);
    case S_IFDIR:
        if (walking->tree->one_file_system && status->st_dev != walking->device)
            return 0;
        if (!ARRAY_GROW(walking, waiting))
            return cramfs_fail_memory(walking->diags);
        walking->waiting[walking->waiting_count++] = node;
        return 0;
    default:
        return 0;
    }
}

/* Where the node is on this machine, for who wants to know what was read. */
static int add_input(const struct walking *walking, const struct cramfs_node *node)
{
    if (!walking->tree->inputs)
        return 0;
    char *below = cramfs_node_path(node);
    char *path = NULL;
    int error = -CRAMFS_ERR_MEMORY;
    if (below && asprintf(&path, "%s%s", walking->path, node->parent ? below : "") >= 0)
        error = cramfs_inputs_add(walking->tree->inputs, path);
    free(path);
    free(below);
    return error;
}

static int take_entry(struct walking *walking, struct cramfs_node *parent, int directory,
                      const char *name)
{
    int excluded = cramfs_excludes_fit_in(walking->tree->excludes, parent, name);
    if (excluded)
        return excluded < 0 ? cramfs_fail_memory(walking->diags) : 0;
    struct stat status = {0};
    int failed = fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW);
    int system_error = errno;
    struct cramfs_node *node = cramfs_tree_put(walking->tree, parent, name, status.st_mode);
    if (!node)
        return cramfs_fail_memory(walking->diags);
    errno = system_error;
    if (failed)
        return disk_refuse(walking->tree, node, "examine it", walking->diags);
    if ((S_ISREG(status.st_mode) || S_ISDIR(status.st_mode)) && add_input(walking, node) != 0)
        return cramfs_fail_memory(walking->diags);
    node->opaque = losses_count_xattrs(&walking->tree->losses, directory, name, status.st_mode) &&
                   S_ISDIR(status.st_mode);
    return take_node(walking, node, directory, &status);
}

/* Adds all entries of an open directory. Unreadable ones are reported and the rest goes on. */
static int list_entries(struct walking *walking, struct cramfs_node *node, DIR *stream)
{
    int result = 0;
    for (;;) {
        errno = 0;
        const struct dirent *entry = readdir(stream);
        if (!entry) {
            int error = errno ? disk_refuse(walking->tree, node, "list it", walking->diags) : 0;
            return error ? error : result;
        }
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        int error = take_entry(walking, node, dirfd(stream), entry->d_name);
        if (error == -CRAMFS_ERR_MEMORY)
            return error;
        if (error)
            result = error;
    }
}

/*
 * Opens a directory to list it: from the one listed last when it is in there, which the deepest
 * always are, so that a chain of directories is not walked from the root at each of its links.
 */
static int open_directory(struct walking *walking, struct cramfs_node *node)
{
    const int flags = O_RDONLY | O_DIRECTORY;
    if (walking->listed && node->parent == walking->listed_node)
        return openat(dirfd(walking->listed), node->name, flags | O_NOFOLLOW | O_CLOEXEC);
    return open_node(walking->source, node, flags);
}

static int read_directory(struct walking *walking, struct cramfs_node *node)
{
    int file = open_directory(walking, node);
    if (file < 0)
        return errno == ENOMEM ? cramfs_fail_memory(walking->diags)
                               : disk_refuse(walking->tree, node, "open it", walking->diags);
    DIR *stream = fdopendir(file);
    if (!stream) {
        int error = errno;
        close(file);
        return cramfs_node_fail(walking->diags, CRAMFS_ERR_IO, node, "cannot list: %s",
                                strerror(error));
    }
    if (walking->listed)
        closedir(walking->listed);
    walking->listed = stream;
    walking->listed_node = node;
    return list_entries(walking, node, stream);
}

/* Lists directory after directory; those found on the way wait in a list, not on the stack. */
static int read_tree(struct walking *walking)
{
    int result = 0;
    struct cramfs_node *node = walking->tree->root;
    for (;;) {
        int error = node->removed ? 0 : read_directory(walking, node);
        if (error)
            result = error;
        if (error == -CRAMFS_ERR_MEMORY || !walking->waiting_count)
            return result;
        node = walking->waiting[--walking->waiting_count];
    }
}

int cramfs_tree_read_directory(struct cramfs_tree *tree, const char *path,
                               struct cramfs_diags *diags)
{
    struct stat status;
    int root = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (root < 0 || fstat(root, &status) != 0) {
        int error = errno;
        if (root >= 0)
            close(root);
        return cramfs_fail(diags, CRAMFS_ERR_IO, path, "cannot open the directory: %s",
                           strerror(error));
    }
    struct directory_source *source = calloc(1, sizeof(*source));
    if (!source) {
        close(root);
        return cramfs_fail_memory(diags);
    }
    source->base = (struct cramfs_source){read_content, free_source, tree->sources};
    source->root = root;
    tree->sources = &source->base;
    disk_take_status(tree->root, &status);
    struct walking walking = {
        .tree = tree, .path = path, .source = source, .diags = diags, .device = status.st_dev};
    int error =
        add_input(&walking, tree->root) != 0 ? cramfs_fail_memory(diags) : read_tree(&walking);
    if (walking.listed)
        closedir(walking.listed);
    free(walking.waiting);
    return error ? error : whiteouts_end_source(tree, path, diags);
}
