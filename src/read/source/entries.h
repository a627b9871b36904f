/*
 * The entries of an image, put into a tree.
 */
#ifndef CRAMFS_READ_SOURCE_ENTRIES_H
#define CRAMFS_READ_SOURCE_ENTRIES_H

#include "cramfs/tree.h"
#include "read/source/damage.h"

struct entries_source {
    struct cramfs_tree *tree;
    const struct cramfs_image *image;
    const struct cramfs_survey *survey;
    const struct source_damage *damage;
    struct cramfs_inflater *inflater;
    const struct cramfs_source *bytes; /* the source of its files */
    struct cramfs_diags *diags;
};

/* Returns 0, or an error as cramfs_tree_read_image() does. */
int entries_take(const struct entries_source *source);

#endif
