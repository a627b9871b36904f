/*
 * A directory as a source of bytes.
 *
 * Someone may change the directory after it was listed and before it is read, and replace a
 * directory by a link to files that they may not read themselves. So each directory and each file
 * is remembered by device and inode number, no link is followed, and a file opened later must be
 * the same one.
 */
#ifndef CRAMFS_TREE_DIRECTORY_SOURCE_H
#define CRAMFS_TREE_DIRECTORY_SOURCE_H

#include <sys/stat.h>

#include "cramfs/tree.h"

/* A directory of the source. The first is the root; its parent is the root itself. */
struct directory_place {
    uint32_t parent; /* the number of a place */
    char *name;
    dev_t device;
    ino_t inode;
};

/* A regular file. Its number is the node's source_offset, its name that of the node. */
struct directory_file {
    uint32_t place;
    dev_t device;
    ino_t inode;
};

struct directory_source {
    struct cramfs_source base;
    int root;
    struct cramfs_source_place last; /* of read() */
    struct directory_place *places;
    size_t places_count;
    size_t places_capacity;
    struct directory_file *files;
    size_t files_count;
    size_t files_capacity;
};

/*
 * Opens the directory at `path`, and makes a source that the tree frees. Returns 0, -CRAMFS_ERR_IO
 * or -CRAMFS_ERR_MEMORY.
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
 * The path of a name in a place, from the root: "usr/bin/env", allocated; with "" as the name, the
 * path of the place. NULL when memory runs out.
 */
char *directory_source_path(const struct directory_source *source, uint32_t place,
                            const char *name);

/*
 * Opens a place with O_PATH: relative to `last` when it is inside that. Returns the file, or -1
 * with errno: ESTALE when another directory is there.
 */
int directory_source_open(const struct directory_source *source, uint32_t place,
                          const struct cramfs_source_place *last);

/*
 * Returns an open file if it is the expected one. Otherwise returns -1: with errno as it was when
 * `file` is -1, or with ESTALE when it is another file, which is then closed.
 */
int directory_source_verify(int file, dev_t device, ino_t inode);

/* Whether errno says that a file is gone, or was replaced. */
bool directory_source_has_changed(int system_error);

#endif
