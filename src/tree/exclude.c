#include "cramfs/exclude.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

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
