/*
 * What a file on disk gives a node.
 */
#ifndef CRAMFS_TREE_DIRECTORY_DISK_H
#define CRAMFS_TREE_DIRECTORY_DISK_H

#include <sys/stat.h>

#include "cramfs/tree.h"

/* Mode, owner, size of a regular file, device numbers, and when it was changed last. */
void disk_take_status(struct cramfs_node *node, const struct stat *status);

/*
 * The operating system refused a node, with errno: "cannot `what`". An error, -CRAMFS_ERR_IO; or,
 * where the tree allows that loss, a warning and the end of the node, and 0.
 */
int disk_refuse(const struct cramfs_tree *tree, struct cramfs_node *node, const char *what,
                struct cramfs_diags *diags);

/*
 * The target of a link that is open with O_PATH; the status has its size. Returns 0, what
 * disk_refuse() does, or -CRAMFS_ERR_MEMORY.
 */
int disk_take_target(const struct cramfs_tree *tree, struct cramfs_node *node, int link,
                     const struct stat *status, struct cramfs_diags *diags);

/* The file is not what it was when its node was made. Returns -CRAMFS_ERR_CHANGED. */
int disk_fail_changed(const struct cramfs_node *node, struct cramfs_diags *diags);

/*
 * Reads all bytes of an open regular file. Returns 0, -CRAMFS_ERR_IO, or -CRAMFS_ERR_CHANGED when
 * it is no longer what disk_take_status() saw.
 */
int disk_read_file(int file, const struct cramfs_node *node, void *to, struct cramfs_diags *diags);

#endif
