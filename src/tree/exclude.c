#include "cramfs/exclude.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cramfs/tree.h"
#include "tree/glob.h"

/*
 * Compiles each pattern once, not for each entry of a tree. The list may have grown since the last
 * call.
 */
static bool prepare(struct cramfs_excludes *excludes)
{
    if (excludes->globs_count == excludes->list_count)
        return true;
    free(excludes->globs);
    excludes->most_slashes = 0;
    excludes->globs_count = 0;
    excludes->globs = malloc(excludes->list_count * sizeof(*excludes->globs));
    if (!excludes->globs)
        return false;
    for (size_t i = 0; i < excludes->list_count; i++) {
        struct glob *glob = &excludes->globs[i];
        glob_init(glob, excludes->list[i].pattern);
        if (glob->slashes > excludes->most_slashes)
            excludes->most_slashes = glob->slashes;
    }
    excludes->globs_count = excludes->list_count;
    return true;
}

/* Tries all patterns, so that one which others make needless still counts its matches. */
static bool any_matches(struct cramfs_excludes *excludes, const struct glob_path *path)
{
    bool found = false;
    for (size_t i = 0; i < excludes->list_count; i++) {
        if (!glob_matches(&excludes->globs[i], path))
            continue;
        excludes->list[i].matches++;
        found = true;
    }
    return found;
}

/* The path without names that do not count, "" and ".". */
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

int cramfs_excludes_match(struct cramfs_excludes *excludes, const char *path)
{
    if (!excludes || !excludes->list_count)
        return 0;
    char *at = prepare(excludes) ? bare(path) : NULL;
    bool found = false;
    if (!at)
        return -CRAMFS_ERR_MEMORY;
    /* Each directory on the way, and then the path itself. */
    struct glob_path path_to = {.text = at};
    for (char *slash = at; slash && *at && !found; path_to.slashes++) {
        slash = strchr(slash, '/');
        path_to.length = slash ? (size_t)(slash - at) : strlen(at);
        if (slash)
            *slash = '\0';
        found = any_matches(excludes, &path_to);
        if (slash)
            *slash++ = '/';
    }
    free(at);
    return found;
}

/* The end of a path, allocated: the name, and at most `most` of its directories. */
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

int cramfs_excludes_match_in(struct cramfs_excludes *excludes, const struct cramfs_node *directory,
                             const char *name)
{
    if (!excludes || !excludes->list_count)
        return 0;
    struct glob_path path = {0};
    if (!prepare(excludes))
        return -CRAMFS_ERR_MEMORY;
    /* One directory more than any pattern has: then no pattern can match it from the root. */
    char *text = path_end(directory, name, excludes->most_slashes + 1, &path);
    if (!text)
        return -CRAMFS_ERR_MEMORY;
    bool found = any_matches(excludes, &path);
    free(text);
    return found;
}

char *cramfs_exclude_pattern(const char *text)
{
    bool whole = *text == '/' || strncmp(text, "./", 2) == 0;
    char *pattern = malloc(strlen(text) + 2);
    char *names = bare(text);
    if (pattern && names)
        sprintf(pattern, "%s%s", whole && *names ? "/" : "", names);
    free(names);
    if (!names) {
        free(pattern);
        pattern = NULL;
    }
    return pattern;
}

void cramfs_excludes_free(struct cramfs_excludes *excludes)
{
    if (!excludes)
        return;
    free(excludes->globs);
    excludes->globs = NULL;
    excludes->globs_count = 0;
}
