/* Opens paths below a directory as if it were "/": neither ".." nor a link's target leaves it. */
#ifndef CRAMFS_TREE_MTREE_IN_ROOT_H
#define CRAMFS_TREE_MTREE_IN_ROOT_H

/*
 * Opens `path` below the open directory `root`, with the flags of open(2), O_CLOEXEC added. An
 * absolute target of a link begins at the root, and the ".." of the root is the root. With
 * O_NOFOLLOW the last name may not be a link, as for open(2). Returns the file, or -1 with errno.
 *
 * It uses openat2(2) with RESOLVE_IN_ROOT; where that call is missing or forbidden (Linux before
 * 5.6, containers, seccomp), it walks name by name.
 */
int open_in_root(int root, const char *path, int flags);

#endif
