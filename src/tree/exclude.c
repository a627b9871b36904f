#include "cramfs/exclude.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "cramfs/tree.h"

static size_t count_slashes(const char *text)
{
    size_t count = 0;
    while ((text = strchr(text, '/'))) {
        count++;
        text++;
    }
    return count;
}

/* A path, or the part of one that ends at a directory on the way. */
struct part {
    const char *path; /* NUL-terminated for now */
    const char *end;
    size_t slashes;
};

/* The last names of a path, with `slashes` between them. */
static const char *last_names(const struct part *part, size_t slashes)
{
    for (const char *at = part->end; at > part->path; at--) {
        if (at[-1] == '/' && slashes-- == 0)
            return at;
    }
    return part->path;
}

/*
 * No wildcard fits a '/', so what fits has as many of them as the pattern: there is one place in a
 * path to look at, however deep the path is.
 */
static bool fits(const char *pattern, const struct part *part)
{
    bool whole = pattern[0] == '/';
    size_t slashes = count_slashes(pattern + whole);
    if (whole ? part->slashes != slashes : part->slashes < slashes)
        return false;
    return fnmatch(pattern + whole, last_names(part, slashes), FNM_PATHNAME) == 0;
}

static bool any_fits(struct cramfs_excludes *excludes, const struct part *part)
{
    for (size_t i = 0; i < excludes->list_count; i++) {
        if (fits(excludes->list[i].pattern, part)) {
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
    struct part part = {.path = at};
    for (char *slash = at; slash && *at && !fit; part.slashes++) {
        slash = strchr(slash, '/');
        part.end = slash ? slash : strchr(part.path, '\0');
        if (slash)
            *slash = '\0';
        fit = any_fits(excludes, &part);
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
        size_t slashes = count_slashes(excludes->list[i].pattern);
        most = slashes > most ? slashes : most;
    }
    return most;
}

/* The end of a path: the name, and at most so many of the directories that it is in. */
static bool take_part(const struct cramfs_node *directory, const char *name, size_t most,
                      struct part *part, char **path)
{
    size_t length = strlen(name);
    const struct cramfs_node *at = directory;
    for (; at->parent && part->slashes < most; at = at->parent, part->slashes++)
        length += strlen(at->name) + 1;
    *path = malloc(length + 1);
    if (!*path)
        return false;
    part->path = *path;
    part->end = *path + length;
    char *to = *path + length - strlen(name);
    strcpy(to, name);
    for (at = directory; to > *path; at = at->parent) {
        *--to = '/';
        to -= strlen(at->name);
        memcpy(to, at->name, strlen(at->name));
    }
    return true;
}

bool cramfs_excludes_fit_in(struct cramfs_excludes *excludes, const struct cramfs_node *directory,
                            const char *name)
{
    if (!excludes || !excludes->list_count)
        return false;
    struct part part = {0};
    char *path;
    /* One directory more than any pattern has, if there are so many: then none fits the whole. */
    bool fit = take_part(directory, name, most_slashes(excludes) + 1, &part, &path) &&
               any_fits(excludes, &part);
    free(path);
    return fit;
}
