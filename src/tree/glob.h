/*
 * Shell globs for paths of the tree: what patterns to exclude and rules hold, and the one way that
 * both are matched.
 *
 * A glob is one of fnmatch(3) with FNM_PATHNAME: no wildcard fits a '/'. So what fits has as many
 * of them as the glob, and there is one place in a path to look at, however deep the path is. A
 * glob with a '/' in front is held against the whole path from the root, any other against the end
 * of the path that begins a name. That a directory takes in all below it is left to the caller, who
 * holds each directory on the way against the glob.
 */
#ifndef CRAMFS_TREE_GLOB_H
#define CRAMFS_TREE_GLOB_H

#include <stdbool.h>
#include <stddef.h>

/*
 * What can be told of a glob beforehand. Thousands of globs meet each path of a tree, so what no
 * path can fit must be seen without fnmatch(3): mostly the bytes at the ends decide.
 */
struct glob {
    const char *pattern; /* the caller's, without the '/' in front */
    bool whole;          /* from the root */
    bool literal;        /* no wildcards, no escapes */
    size_t length;
    size_t slashes;
    size_t head; /* bytes at the beginning that stand for themselves */
    size_t tail; /* and at the end */
};

void glob_init(struct glob *glob, const char *pattern);

/* A path without '/' at either end, as text[length] = NUL ends it. */
struct glob_path {
    const char *text;
    size_t length;
    size_t slashes;
};

bool glob_fits(const struct glob *glob, const struct glob_path *path);

#endif
