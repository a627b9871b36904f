/* The names in a directory, sorted, so that nothing depends on the system's order. */
#ifndef CRAMFS_TREE_DIRECTORY_NAMES_H
#define CRAMFS_TREE_DIRECTORY_NAMES_H

#include <dirent.h>
#include <stddef.h>

struct directory_names {
    char *bytes; /* each with its NUL */
    size_t bytes_count;
    size_t bytes_capacity;
    const char **list;
    size_t list_count;
};

/*
 * Reads the names, without "." and "..", into *names, which starts as {0}; free it in any case.
 * Returns 0, -CRAMFS_ERR_MEMORY, or -CRAMFS_ERR_IO with errno.
 */
int names_read(DIR *stream, struct directory_names *names);
void names_free(struct directory_names *names);

#endif
