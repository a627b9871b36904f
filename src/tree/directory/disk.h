/* Sets a node from a file on disk. */
#ifndef CRAMFS_TREE_DIRECTORY_DISK_H
#define CRAMFS_TREE_DIRECTORY_DISK_H

#include <sys/stat.h>

#include "cramfs/tree.h"

/* Sets mode, owner, size of a regular file, device numbers, and the time of the last change. */
void disk_take_status(struct cramfs_node *node, const struct stat *status);

/*
 * Reports "cannot `what`" for a node, with errno. Returns -CRAMFS_ERR_IO; or, where the tree allows
 * that loss, warns, removes the node and returns 0.
 */
int disk_refuse(const struct cramfs_tree *tree, struct cramfs_node *node, const char *what,
                struct cramfs_diags *diags);

/* The target of a link. */
struct disk_target {
    char *bytes; /* allocated, with a NUL; NULL when it cannot be read */
    size_t length;
    int system_error; /* then, errno: ENOMEM when memory runs out */
};

/* Reads the target of a link that is open with O_PATH; the status has its size. */
struct disk_target disk_read_target(int link, const struct stat *status);

/*
 * Gives a node the target, which then has no bytes. Returns 0, the result of disk_refuse(), or
 * -CRAMFS_ERR_MEMORY.
 */
int disk_take_target(const struct cramfs_tree *tree, struct cramfs_node *node,
                     struct disk_target *target, struct cramfs_diags *diags);

/* Reports that the file changed after its node was made. Returns -CRAMFS_ERR_CHANGED. */
int disk_fail_changed(const struct cramfs_node *node, struct cramfs_diags *diags);

/*
 * Reads all bytes of an open regular file. Returns 0, -CRAMFS_ERR_IO, or -CRAMFS_ERR_CHANGED when
 * it changed after disk_take_status().
 */
int disk_read_file(int file, const struct cramfs_node *node, void *to, struct cramfs_diags *diags);

#endif
