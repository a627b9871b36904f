#include "cramfs/exclude.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

static bool fits(const char *pattern, const char *path)
{
    if (pattern[0] == '/')
        return fnmatch(pattern + 1, path, FNM_PATHNAME) == 0;
    for (const char *end = path; end; end = strchr(end, '/')) {
        end += *end == '/';
        if (fnmatch(pattern, end, FNM_PATHNAME) == 0)
            return true;
    }
    return false;
}

static bool any_fits(struct cramfs_excludes *excludes, const char *path)
{
    for (size_t i = 0; i < excludes->list_count; i++) {
        if (fits(excludes->list[i].pattern, path)) {
            excludes->list[i].matches++;
            return true;
        }
    }
    return false;
}

/* The path without what does not count: "/", "./" in front, a "/" at the end. */
static char *bare(const char *path)
{
    while (*path == '/' || (path[0] == '.' && path[1] == '/'))
        path++;
    char *copy = strdup(path);
    size_t length = copy ? strlen(copy) : 0;
    while (length && copy[length - 1] == '/')
        copy[--length] = '\0';
    return copy;
}

bool cramfs_excludes_fit(struct cramfs_excludes *excludes, const char *path)
{
    if (!excludes->list_count)
        return false;
    char *at = bare(path);
    bool fit = false;
    /* Each directory on the way, and then the path itself. */
    for (char *slash = at; slash && !fit;) {
        slash = strchr(slash, '/');
        if (slash)
            *slash = '\0';
        fit = *at && any_fits(excludes, at);
        if (slash)
            *slash++ = '/';
    }
    free(at);
    return fit;
}
