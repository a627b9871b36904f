/* Paths of sources, name by name. */
#ifndef CRAMFS_TREE_PATH_H
#define CRAMFS_TREE_PATH_H

#include <stddef.h>

/*
 * The length of the next name in *path, which moves past it; "" and "." are skipped. 0 at the end.
 */
size_t path_name(const char **path, const char **name);

/* Cuts the next name off *path, in place; NULL at the end. "" and "." are skipped. */
char *path_next(char **path);

#endif
