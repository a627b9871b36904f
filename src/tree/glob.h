/*
 * Shell globs for paths of the tree: the patterns of excludes and rules, matched in one way.
 *
 * A glob is one of fnmatch(3) with FNM_PATHNAME: no wildcard matches a '/'. So a match has as many
 * slashes as the glob, and there is one place in a path to look at, however deep the path is. A
 * glob with a leading '/' is matched against the whole path from the root, any other against the
 * end of the path that begins at a name. A match of a directory includes all below it; that is left
 * to the caller, who matches each directory on the way.
 */
#ifndef CRAMFS_TREE_GLOB_H
#define CRAMFS_TREE_GLOB_H

#include <stdbool.h>
#include <stddef.h>

/*
 * A compiled glob. Thousands of globs meet each path of a tree, so a mismatch must be found without
 * fnmatch(3): usually the bytes at the ends decide.
 */
struct glob {
    const char *pattern; /* the caller's, without the leading '/' */
    bool whole;          /* from the root */
    bool literal;        /* no wildcards, no escapes */
    size_t length;
    size_t slashes;
    size_t head; /* literal bytes at the beginning */
    size_t tail; /* literal bytes at the end */
};

void glob_init(struct glob *glob, const char *pattern);

/* A path without '/' at either end; text[length] is NUL. */
struct glob_path {
    const char *text;
    size_t length;
    size_t slashes;
};

bool glob_matches(const struct glob *glob, const struct glob_path *path);

#endif
