#include "cramfs/exclude.h"

#include <stdlib.h>
#include <string.h>

#include "cramfs/tree.h"
#include "tree/glob.h"

static bool any_fits(struct cramfs_excludes *excludes, const struct glob_path *path)
{
    for (size_t i = 0; i < excludes->list_count; i++) {
        struct glob glob;
        glob_init(&glob, excludes->list[i].pattern);
        if (glob_fits(&glob, path)) {
            excludes->list[i].matches++;
            return true;
        }
    }
    return false;
}

/* The path as the tree has it: without the names that do not count, "" and ".". */
static char *bare(const char *path)
{
    char *copy = malloc(strlen(path) + 2);
    if (!copy)
        return NULL;
    char *to = copy;
    while (*path) {
        size_t length = strcspn(path, "/");
        if (length > 1 || (length == 1 && *path != '.')) {
            memcpy(to, path, length);
            to += length;
            *to++ = '/';
        }
        path += length + (path[length] == '/');
    }
    to -= to > copy; /* no '/' at the end */
    *to = '\0';
    return copy;
}

bool cramfs_excludes_fit(struct cramfs_excludes *excludes, const char *path)
{
    if (!excludes->list_count)
        return false;
    char *at = bare(path);
    bool fit = false;
    /* Each directory on the way, and then the path itself. */
    struct glob_path path_to = {.text = at};
    for (char *slash = at; slash && *at && !fit; path_to.slashes++) {
        slash = strchr(slash, '/');
        path_to.length = slash ? (size_t)(slash - at) : strlen(at);
        if (slash)
            *slash = '\0';
        fit = any_fits(excludes, &path_to);
        if (slash)
            *slash++ = '/';
    }
    free(at);
    return fit;
}

static size_t most_slashes(const struct cramfs_excludes *excludes)
{
    size_t most = 0;
    for (size_t i = 0; i < excludes->list_count; i++) {
        struct glob glob;
        glob_init(&glob, excludes->list[i].pattern);
        most = glob.slashes > most ? glob.slashes : most;
    }
    return most;
}

/* The end of a path, allocated: the name, and at most so many of the directories that it is in. */
static char *path_end(const struct cramfs_node *directory, const char *name, size_t most,
                      struct glob_path *path)
{
    const struct cramfs_node *at = directory;
    path->length = strlen(name);
    for (; at->parent && path->slashes < most; at = at->parent, path->slashes++)
        path->length += strlen(at->name) + 1;
    char *text = malloc(path->length + 1);
    path->text = text;
    if (!text)
        return NULL;
    char *to = text + path->length - strlen(name);
    strcpy(to, name);
    for (at = directory; to > text; at = at->parent) {
        *--to = '/';
        to -= strlen(at->name);
        memcpy(to, at->name, strlen(at->name));
    }
    return text;
}

bool cramfs_excludes_fit_in(struct cramfs_excludes *excludes, const struct cramfs_node *directory,
                            const char *name)
{
    if (!excludes || !excludes->list_count)
        return false;
    struct glob_path path = {0};
    /* One directory more than any pattern has, if there are so many: then none fits the whole. */
    char *text = path_end(directory, name, most_slashes(excludes) + 1, &path);
    bool fit = text && any_fits(excludes, &path);
    free(text);
    return fit;
}
