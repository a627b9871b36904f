/* The names in a directory, sorted, so that nothing depends on the system's order. */
#ifndef CRAMFS_TREE_DIRECTORY_NAMES_H
#define CRAMFS_TREE_DIRECTORY_NAMES_H

#include <dirent.h>
#include <stddef.h>

struct directory_name {
    const char *name;
    unsigned char type; /* as readdir(3) gives it: DT_REG, or DT_UNKNOWN on some file systems */
};

struct directory_names {
    char *bytes; /* of each name: its type, the name, a NUL */
    size_t bytes_count;
    size_t bytes_capacity;
    struct directory_name *list;
    size_t list_count;
};

/*
 * Reads the names, without "." and "..", into *names, which starts as {0}; free it in any case.
 * Returns 0, -CRAMFS_ERR_MEMORY, or -CRAMFS_ERR_IO with errno.
 */
int names_read(DIR *stream, struct directory_names *names);
void names_free(struct directory_names *names);

#endif
