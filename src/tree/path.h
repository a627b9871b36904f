/*
 * Paths of sources, name by name.
 */
#ifndef CRAMFS_TREE_PATH_H
#define CRAMFS_TREE_PATH_H

/* Cuts the next name off *path, in place; NULL at the end. "" and "." are passed over. */
char *path_next(char **path);

#endif
