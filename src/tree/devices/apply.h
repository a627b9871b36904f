/*
 * What one line of a device table does to the tree.
 */
#ifndef CRAMFS_TREE_DEVICES_APPLY_H
#define CRAMFS_TREE_DEVICES_APPLY_H

#include "cramfs/tree.h"
#include "tree/accounts.h"
#include "tree/devices/line.h"

/* What lines are applied to. */
struct device_target {
    struct cramfs_tree *tree;
    struct accounts users;
    struct accounts groups;
    uint32_t range_nodes; /* how many the ranges so far have made */
    const char *where;    /* the current line, for its errors */
    struct cramfs_diags *diags;
};

/*
 * Returns 0, -CRAMFS_ERR_MEMORY, or another code with an error when the line cannot be applied; a
 * part of a range may then exist.
 */
int device_line_apply(struct device_target *target, const struct device_line *line);

#endif
