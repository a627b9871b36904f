/* Opens paths below a directory without following links, neither at the end nor on the way. */
#ifndef CRAMFS_TREE_DIRECTORY_BENEATH_H
#define CRAMFS_TREE_DIRECTORY_BENEATH_H

/*
 * Opens the directory at `path` below `root` with O_PATH. `path` is of any length and has no
 * leading '/'; "" is the root. It uses openat2(2), in pieces of less than PATH_MAX; where that call
 * is missing or forbidden, it opens one directory after the other. Returns the file, or -1 with
 * errno: ELOOP, ENOTDIR or EXDEV when there is a link on the way.
 */
int open_beneath(int root, const char *path);

#endif
