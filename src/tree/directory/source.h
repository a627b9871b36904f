/*
 * A directory as a source of bytes.
 *
 * Someone may change it between the time that it is listed and the time that it is read, and put a
 * link where a directory was, which leads to files that he may not read himself. So each directory
 * and each file is remembered by device and inode number, no link is followed, and what is opened
 * later must be the same file.
 */
#ifndef CRAMFS_TREE_DIRECTORY_SOURCE_H
#define CRAMFS_TREE_DIRECTORY_SOURCE_H

#include <sys/stat.h>

#include "cramfs/tree.h"

/* A directory of the source. The first is its root, which is in itself. */
struct directory_place {
    uint32_t parent; /* a number of a place */
    char *name;
    dev_t device;
    ino_t inode;
};

/* A regular file. Its node's source_offset is its number, and its name the node's. */
struct directory_file {
    uint32_t place;
    dev_t device;
    ino_t inode;
};

struct directory_source {
    struct cramfs_source base;
    int root;
    int opened; /* the place that was opened last, to find the files in it: or -1 */
    uint32_t opened_place;
    struct directory_place *places;
    size_t places_count;
    size_t places_capacity;
    struct directory_file *files;
    size_t files_count;
    size_t files_capacity;
};

/*
 * Opens the directory at `path`, and makes a source of it that the tree frees. Returns 0,
 * -CRAMFS_ERR_IO or -CRAMFS_ERR_MEMORY.
 */
int directory_source_create(struct cramfs_tree *tree, const char *path, struct cramfs_diags *diags,
                            struct directory_source **source, struct stat *status);

/* Remembers a directory; false when memory runs out. */
bool directory_source_add_place(struct directory_source *source, uint32_t parent, const char *name,
                                const struct stat *status);

/* Remembers where the node's bytes are; false when memory runs out. */
bool directory_source_add_file(struct directory_source *source, uint32_t place,
                               struct cramfs_node *node, const struct stat *status);

/*
 * Where a name in a place is below the root: "usr/bin/env", allocated; "" as the name stands for
 * the place itself. NULL when memory runs out.
 */
char *directory_source_path(const struct directory_source *source, uint32_t place,
                            const char *name);

/* Opens a place with O_PATH. Returns the file, or -1 with errno: ESTALE when it is another. */
int directory_source_open(const struct directory_source *source, uint32_t place);

/*
 * An open file, when it is the one that was seen. Else, or when `file` is -1, returns -1 with
 * errno: ESTALE when it is another, which is then closed.
 */
int directory_source_verify(int file, dev_t device, ino_t inode);

/* Whether errno says that what was there is there no more, or is something else. */
bool directory_source_has_changed(int system_error);

#endif
