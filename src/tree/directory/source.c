#include "tree/directory/source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "tree/directory/beneath.h"
#include "tree/directory/disk.h"
#include "tree/path.h"

bool directory_source_has_changed(int system_error)
{
    return system_error == ESTALE || system_error == ENOENT || system_error == ENOTDIR ||
           system_error == ELOOP || system_error == EXDEV;
}

char *directory_source_path(const struct directory_source *source, uint32_t place, const char *name)
{
    size_t end = strlen(name);
    size_t length = end;
    for (uint32_t at = place; at; at = source->places[at].parent)
        length += strlen(source->places[at].name) + (length > 0);
    char *path = malloc(length + 1);
    if (!path)
        return NULL;
    char *to = path + length - end;
    memcpy(to, name, end + 1);
    for (uint32_t at = place; at; at = source->places[at].parent) {
        size_t bytes = strlen(source->places[at].name);
        if (*to)
            *--to = '/';
        to -= bytes;
        memcpy(to, source->places[at].name, bytes);
    }
    return path;
}

static bool is_same(int file, dev_t device, ino_t inode)
{
    struct stat now;
    if (fstat(file, &now) != 0)
        return false;
    errno = ESTALE;
    return now.st_dev == device && now.st_ino == inode;
}

int directory_source_verify(int file, dev_t device, ino_t inode)
{
    if (file < 0 || is_same(file, device, inode))
        return file;
    int error = errno;
    close(file);
    errno = error;
    return -1;
}

int directory_source_open(const struct directory_source *source, uint32_t place,
                          const struct cramfs_source_place *last)
{
    const struct directory_place *wanted = &source->places[place];
    int file;
    if (place && last->source == &source->base && wanted->parent == last->number) {
        /* So a chain of directories is not walked from the root again and again. */
        file = openat(last->file, wanted->name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    } else {
        char *path = directory_source_path(source, place, "");
        file = path ? open_beneath(source->root, path) : -1;
        int error = path ? errno : ENOMEM;
        free(path);
        errno = error;
    }
    return directory_source_verify(file, wanted->device, wanted->inode);
}

/* Files mostly come directory by directory, so the last directory stays open. */
static bool open_place_of(const struct directory_source *source, uint32_t number,
                          struct cramfs_source_place *place)
{
    if (place->source == &source->base && place->number == number)
        return true;
    int file = directory_source_open(source, number, place);
    if (file < 0)
        return false;
    if (place->file >= 0)
        close(place->file);
    *place = (struct cramfs_source_place){&source->base, number, file};
    return true;
}

/* Looks first with O_PATH: what replaced a file, a device perhaps, must not be opened. */
static int open_file(const struct directory_source *source, const struct cramfs_node *node,
                     struct cramfs_source_place *place)
{
    const struct directory_file *wanted = &source->files[node->source_offset];
    struct stat now;
    if (!open_place_of(source, wanted->place, place) ||
        fstatat(place->file, node->name, &now, AT_SYMLINK_NOFOLLOW) != 0)
        return -1;
    errno = ESTALE;
    if (now.st_dev != wanted->device || now.st_ino != wanted->inode || !S_ISREG(now.st_mode))
        return -1;
    int file =
        openat(place->file, node->name, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW | O_CLOEXEC);
    return directory_source_verify(file, wanted->device, wanted->inode);
}

static int read_beside(const struct cramfs_source *base, const struct cramfs_node *node, void *to,
                       struct cramfs_source_place *place, struct cramfs_diags *diags)
{
    int file = open_file((const struct directory_source *)base, node, place);
    if (file < 0 && directory_source_has_changed(errno))
        return disk_fail_changed(node, diags);
    if (file < 0)
        return cramfs_node_fail(diags, CRAMFS_ERR_IO, node, "cannot open it: %s", strerror(errno));
    int error = disk_read_file(file, node, to, diags);
    close(file);
    return error;
}

static int read_content(const struct cramfs_source *base, const struct cramfs_node *node, void *to,
                        struct cramfs_diags *diags)
{
    /* Only one thread at a time is here, and nothing else uses the last place. */
    struct directory_source *source = (struct directory_source *)(uintptr_t)base;
    return read_beside(base, node, to, &source->last, diags);
}

static void free_source(struct cramfs_source *base)
{
    struct directory_source *source = (struct directory_source *)base;
    if (source->last.file >= 0)
        close(source->last.file);
    close(source->root);
    for (size_t i = 0; i < source->places_count; i++)
        free(source->places[i].name);
    free(source->places);
    free(source->files);
    free(source);
}

bool directory_source_add_place(struct directory_source *source, uint32_t parent, const char *name,
                                const struct stat *status)
{
    if (source->places_count == UINT32_MAX || !ARRAY_GROW(source, places))
        return false;
    struct directory_place *place = &source->places[source->places_count];
    *place = (struct directory_place){parent, strdup(name), status->st_dev, status->st_ino};
    if (!place->name)
        return false;
    source->places_count++;
    return true;
}

bool directory_source_add_file(struct directory_source *source, uint32_t place,
                               struct cramfs_node *node, const struct stat *status)
{
    if (!ARRAY_GROW(source, files))
        return false;
    source->files[source->files_count] =
        (struct directory_file){place, status->st_dev, status->st_ino};
    node->source = &source->base;
    node->source_offset = source->files_count++;
    return true;
}

/* Opens a directory below `root`, through no link. `root` is closed. */
static int open_subtree(int root, const char *subtree)
{
    char *copy = strdup(subtree);
    char *rest = copy;
    int at = copy ? root : -1;
    errno = ENOMEM;
    for (char *name; at >= 0 && (name = path_next(&rest));) {
        int next = open_beneath(at, name);
        int error = errno;
        close(at);
        errno = error;
        at = next;
    }
    free(copy);
    int file = at < 0 ? -1 : openat(at, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int error = errno;
    if (at >= 0)
        close(at);
    errno = error;
    return file;
}

int directory_source_create(struct cramfs_tree *tree, const char *path, struct cramfs_diags *diags,
                            struct directory_source **source, struct stat *status)
{
    int root = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    memset(status, 0, sizeof(*status));
    if (root >= 0 && tree->part && tree->part->subtree)
        root = open_subtree(root, tree->part->subtree);
    if (root < 0 || fstat(root, status) != 0) {
        int error = errno;
        if (root >= 0)
            close(root);
        return cramfs_fail(diags, CRAMFS_ERR_IO, path, "cannot open the directory%s: %s",
                           tree->part && tree->part->subtree ? ", or its subtree" : "",
                           strerror(error));
    }
    struct directory_source *made = calloc(1, sizeof(*made));
    if (!made) {
        close(root);
        return cramfs_fail_memory(diags);
    }
    made->base = (struct cramfs_source){read_content, free_source, tree->sources, read_beside};
    made->root = root;
    made->last = CRAMFS_SOURCE_NO_PLACE;
    tree->sources = &made->base;
    *source = made;
    return directory_source_add_place(made, 0, "", status) ? 0 : cramfs_fail_memory(diags);
}
