#include "tree/mtree/source.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cramfs/inputs.h"
#include "tree/directory/disk.h"
#include "tree/mtree/in_root.h"

bool mtree_entry_is_empty(const struct mtree_entry *entry)
{
    return S_ISREG(entry->facts.type) && (entry->facts.given & MTREE_CONTENTS) &&
           strcmp(entry->facts.contents, "/dev/null") == 0;
}

/* Puts "/NAME" before the text at *at; false when there is no room. */
static bool put_before(char buffer[PATH_MAX], size_t *at, const char *name)
{
    size_t length = strlen(name);
    if (length + 1 > *at)
        return false;
    *at -= length + 1;
    buffer[*at] = '/';
    memcpy(buffer + *at + 1, name, length);
    return true;
}

const char *mtree_entry_path(const struct mtree_source *source, const struct mtree_entry *entry,
                             char buffer[PATH_MAX], bool *whole)
{
    size_t at = PATH_MAX - 1;
    buffer[at] = '\0';
    *whole = put_before(buffer, &at, entry->name);
    for (size_t place = entry->place; place && *whole; place = source->places[place].parent)
        *whole = put_before(buffer, &at, source->places[place].name);
    return buffer + at;
}

const char *mtree_node_path(const struct cramfs_node *node, char buffer[PATH_MAX], bool *whole)
{
    size_t at = PATH_MAX - 1;
    buffer[at] = '\0';
    while (node->parent && put_before(buffer, &at, node->name))
        node = node->parent;
    *whole = !node->parent;
    return buffer[at] ? buffer + at : "/";
}

/* Whether the ".." of a relative path ever lead further up than its names lead down. */
static bool leads_out(const char *path)
{
    size_t depth = 0;
    for (const char *at = path + strspn(path, "/"); *at; at += strspn(at, "/")) {
        size_t length = strcspn(at, "/");
        bool up = length == 2 && at[0] == '.' && at[1] == '.';
        bool same = length == 1 && at[0] == '.';
        if (up && !depth)
            return true;
        depth = up ? depth - 1 : depth + !same;
        at += length;
    }
    return false;
}

/* The path of contents= from the root; NULL when it is elsewhere. */
static const char *path_in_root(const struct mtree_source *source, const char *contents)
{
    if (contents[0] == '/') {
        size_t length = strlen(source->root_path);
        if (length == 1) /* the root is "/" itself */
            length = 0;
        if (strncmp(contents, source->root_path, length) != 0 || contents[length] != '/')
            return NULL;
        contents += length + strspn(contents + length, "/");
    }
    return leads_out(contents) ? NULL : contents;
}

int mtree_source_open(const struct mtree_source *source, const struct mtree_entry *entry, int flags)
{
    if (S_ISREG(entry->facts.type) && (entry->facts.given & MTREE_CONTENTS)) {
        const char *path = path_in_root(source, entry->facts.contents);
        errno = EXDEV;
        return path ? open_in_root(source->root, path, flags) : -1;
    }
    char buffer[PATH_MAX];
    bool whole;
    const char *path = mtree_entry_path(source, entry, buffer, &whole);
    path += strspn(path, "/");
    errno = ENAMETOOLONG;
    return whole ? open_in_root(source->root, *path ? path : ".", flags | O_NOFOLLOW) : -1;
}

int mtree_entry_report(struct cramfs_diags *diags, enum cramfs_severity severity,
                       enum cramfs_error code, const char *path, const struct mtree_entry *entry,
                       const char *format, ...)
{
    char shown[MTREE_SHOWN_SIZE];
    char buffer[PATH_MAX];
    char *where = NULL;
    char *text = NULL;
    bool whole;
    const char *end = mtree_node_path(entry->node, buffer, &whole);
    va_list arguments;
    va_start(arguments, format);
    bool made = vasprintf(&text, format, arguments) >= 0 &&
                asprintf(&where, "%s:%zu", path, entry->line) >= 0;
    va_end(arguments);
    int error = -(int)code;
    if (made)
        cramfs_report(diags, severity, code, where, "%s%s %s", whole ? "" : "...",
                      mtree_shown(end, shown), text);
    else
        error = cramfs_fail_memory(diags);
    free(where);
    free(text);
    return error;
}

/* Skips the beginning of paths as manifests write them: "./bin/sh". */
static const char *skip_dots(const char *path)
{
    while (path[0] == '/' || (path[0] == '.' && path[1] == '/'))
        path++;
    return path;
}

int mtree_source_add_input(const struct mtree_source *source, const struct mtree_entry *entry,
                           struct cramfs_inputs *inputs)
{
    if (!inputs || mtree_entry_is_empty(entry))
        return 0;
    char buffer[PATH_MAX];
    bool whole; /* always true: the file has been opened by that path */
    bool elsewhere = entry->facts.given & MTREE_CONTENTS;
    const char *path = elsewhere ? entry->facts.contents
                                 : skip_dots(mtree_entry_path(source, entry, buffer, &whole));
    char *joined = NULL;
    if (elsewhere && *path == '/')
        return cramfs_inputs_add(inputs, path);
    if (asprintf(&joined, "%s/%s", source->root_name, path) < 0)
        return -CRAMFS_ERR_MEMORY;
    int error = cramfs_inputs_add(inputs, joined);
    free(joined);
    return error;
}

static bool has_changed(int system_error)
{
    return system_error == ESTALE || system_error == ENOENT || system_error == ENOTDIR ||
           system_error == ELOOP || system_error == EXDEV;
}

/* Opens the file if it is the same as when the manifest was read; or -1 with errno. */
static int open_if_same(const struct mtree_source *source, const struct mtree_entry *entry,
                        int flags)
{
    struct stat now;
    int file = mtree_source_open(source, entry, flags);
    if (file < 0)
        return -1;
    int error = fstat(file, &now) != 0 ? errno : 0;
    if (!error && (now.st_dev != entry->device || now.st_ino != entry->inode))
        error = ESTALE;
    if (!error)
        return file;
    close(file);
    errno = error;
    return -1;
}

/* Looks first with O_PATH: what replaced a file, a device perhaps, must not be opened. */
static int open_same(const struct mtree_source *source, const struct mtree_entry *entry)
{
    int file = open_if_same(source, entry, O_PATH);
    if (file < 0)
        return -1;
    close(file);
    return open_if_same(source, entry, O_RDONLY | O_NONBLOCK | O_NOCTTY);
}

static int read_content(const struct cramfs_source *base, const struct cramfs_node *node, void *to,
                        struct cramfs_diags *diags)
{
    const struct mtree_source *source = (const struct mtree_source *)base;
    const struct mtree_entry *entry = &source->entries[node->source_offset];
    if (mtree_entry_is_empty(entry))
        return 0;
    int file = open_same(source, entry);
    if (file < 0 && has_changed(errno))
        return disk_fail_changed(node, diags);
    if (file < 0)
        return cramfs_node_fail(diags, CRAMFS_ERR_IO, node, "cannot open it: %s", strerror(errno));
    int error = disk_read_file(file, node, to, diags);
    close(file);
    return error;
}

static int read_beside(const struct cramfs_source *base, const struct cramfs_node *node, void *to,
                       struct cramfs_source_place *place, struct cramfs_diags *diags)
{
    (void)place;
    return read_content(base, node, to, diags);
}

static void free_source(struct cramfs_source *base)
{
    struct mtree_source *source = (struct mtree_source *)base;
    if (source->root >= 0)
        close(source->root);
    free(source->root_name);
    free(source->root_path);
    free(source->entries);
    free(source->places);
    free(source->text);
    free(source);
}

/* The directory of the manifest, from its path; allocated. */
static char *directory_of(const char *path)
{
    if (strcmp(path, "-") == 0)
        return strdup(".");
    char *copy = strdup(path);
    char *directory = copy ? strdup(dirname(copy)) : NULL;
    free(copy);
    return directory;
}

static int open_root(struct mtree_source *source, struct cramfs_diags *diags)
{
    source->root = open(source->root_name, O_PATH | O_DIRECTORY | O_CLOEXEC);
    source->root_path = source->root < 0 ? NULL : realpath(source->root_name, NULL);
    if (source->root_path)
        return 0;
    return cramfs_fail(diags, CRAMFS_ERR_IO, source->root_name,
                       "cannot open the directory of a manifest's files: %s", strerror(errno));
}

int mtree_source_create(struct cramfs_tree *tree, const char *path, char *text,
                        struct cramfs_diags *diags, struct mtree_source **source)
{
    char *root = tree->mtree_root ? strdup(tree->mtree_root) : directory_of(path);
    *source = root ? calloc(1, sizeof(**source)) : NULL;
    if (!*source) {
        free(root);
        free(text);
        return cramfs_fail_memory(diags);
    }
    (*source)->base = (struct cramfs_source){read_content, free_source, tree->sources, read_beside};
    (*source)->root_name = root;
    (*source)->text = text;
    tree->sources = &(*source)->base;
    return open_root(*source, diags);
}
