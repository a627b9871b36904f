/*
 * Opening what is below a directory, where no link is followed: neither at the end nor on the way.
 */
#ifndef CRAMFS_TREE_DIRECTORY_BENEATH_H
#define CRAMFS_TREE_DIRECTORY_BENEATH_H

/*
 * Opens the directory at `path` below `root` with O_PATH: a path without a '/' in front, "" for the
 * root, of any length. openat2(2) does it, in pieces of less than PATH_MAX; where that is missing
 * or forbidden, it is done name by name. Returns the file, or -1 with errno: ELOOP, ENOTDIR or
 * EXDEV when there is a link on the way.
 */
int open_beneath(int root, const char *path);

#endif
