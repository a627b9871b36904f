/*
 * Excluding: what of the sources stays out of the tree.
 *
 * A pattern is a shell glob (fnmatch(3) with FNM_PATHNAME: '*' and '?' match no '/'). One that
 * begins with '/' is matched against the whole path from the root, any other against each end of
 * the path that begins a name: "*.o" fits every object file, "doc/?.html" what is so in any doc,
 * and
 * "/etc/fstab" one file. A directory that is left out is left out with all below it.
 */
#ifndef CRAMFS_EXCLUDE_H
#define CRAMFS_EXCLUDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cramfs/declarations.h"

CRAMFS_BEGIN_DECLARATIONS

struct cramfs_exclude {
    const char *pattern;
    uint64_t matches; /* how often it has left something out */
};

struct glob;

/* A list of patterns, the caller's. Each that matches something counts it, also beside others. */
struct cramfs_excludes {
    struct cramfs_exclude *list;
    size_t list_count;
    size_t list_capacity;
    struct glob *globs; /* what is known of each pattern beforehand; the library's own */
    size_t globs_count;
    size_t most_slashes;
};

/* Frees what the library made of the list; the list and its patterns stay the caller's. */
void cramfs_excludes_free(struct cramfs_excludes *excludes);

/*
 * A pattern as a user writes it, made one that paths of the tree match: names that are empty or "."
 * do not count, so that "etc/keys/" is "etc/keys". One that begins with "/" or "./" begins at the
 * root. Empty when nothing is left ("/", "./"). Allocated, the caller frees; NULL when memory runs
 * out.
 */
char *cramfs_exclude_pattern(const char *text);

/*
 * Whether something at `path` from the root, or a directory on the way to it, is to be left out. As
 * in cramfs_tree_put_path() a leading "/" and names that are empty or "." do not count.
 * Returns 1 or 0, or -CRAMFS_ERR_MEMORY: then it is not known, and nothing may be packed.
 * `excludes` may be NULL.
 */
int cramfs_excludes_fit(struct cramfs_excludes *excludes, const char *path);

struct cramfs_node;

/*
 * The same of a name in a directory of the tree, which is not left out itself. The work does not
 * grow with its depth. Returns as above.
 */
int cramfs_excludes_fit_in(struct cramfs_excludes *excludes, const struct cramfs_node *directory,
                           const char *name);

CRAMFS_END_DECLARATIONS

#endif
