/*
 * Excluding: which entries of the sources stay out of the tree.
 *
 * A pattern is a shell glob (fnmatch(3) with FNM_PATHNAME: '*' and '?' match no '/'). A pattern
 * that begins with '/' is matched against the whole path from the root. Any other is matched
 * against each end of the path that begins at a name: "*.o" matches every object file, "doc/?.html"
 * such files in any directory doc; "/etc/fstab" matches one file. If a directory is left out, so is
 * all below it.
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
    uint64_t matches; /* how many entries it has left out */
};

struct glob;

/*
 * A list of patterns, the caller's. Each pattern that matches counts the match, also where others
 * match too.
 */
struct cramfs_excludes {
    struct cramfs_exclude *list;
    size_t list_count;
    size_t list_capacity;
    struct glob *globs; /* the patterns as compiled; the library's own */
    size_t globs_count;
    size_t most_slashes;
};

/* Frees what the library made of the list; the list and its patterns stay the caller's. */
void cramfs_excludes_free(struct cramfs_excludes *excludes);

/*
 * Makes a pattern as a user writes it into one that matches paths of the tree: names that are empty
 * or "." do not count, so "etc/keys/" becomes "etc/keys". A pattern that begins with "/" or "./"
 * begins at the root. The result is empty when nothing is left ("/", "./"). Allocated, the caller
 * frees; NULL when memory runs out.
 */
char *cramfs_exclude_pattern(const char *text);

/*
 * Whether an entry at `path` from the root is to be left out, because a pattern matches it or a
 * directory on the way to it. As in cramfs_tree_put_path() a leading "/" and names that are empty
 * or "." do not count. Returns 1 or 0, or -CRAMFS_ERR_MEMORY: then the answer is unknown, and
 * nothing may be packed. `excludes` may be NULL.
 */
int cramfs_excludes_match(struct cramfs_excludes *excludes, const char *path);

struct cramfs_node;

/*
 * The same for a name in a directory of the tree that is not left out itself. The work does not
 * grow with the directory's depth. Returns as above.
 */
int cramfs_excludes_match_in(struct cramfs_excludes *excludes, const struct cramfs_node *directory,
                             const char *name);

CRAMFS_END_DECLARATIONS

#endif
