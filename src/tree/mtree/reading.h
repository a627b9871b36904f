/*
 * A manifest at work, line by line.
 */
#ifndef CRAMFS_TREE_MTREE_READING_H
#define CRAMFS_TREE_MTREE_READING_H

#include "tree/mtree/line.h"
#include "tree/mtree/source.h"

struct mtree_reading {
    struct cramfs_tree *tree;
    struct mtree_source *source;
    const char *path;
    char *where; /* "FILE:LINE" */
    size_t where_size;
    size_t line;
    struct mtree_facts defaults; /* of /set */
    size_t place;                /* that names without a '/' are in */
    uint64_t entries;            /* lines of files, also of those left out */
    size_t skipped;              /* how many excluded directories below that we are in */
    struct cramfs_diags *diags;
};

/* Reports what is wrong with the line. Returns -CRAMFS_ERR_FORMAT. */
int fail_line(const struct mtree_reading *reading, const char *text);

/* Adds to *facts what the line's words say. Returns 0 or -CRAMFS_ERR_FORMAT. */
int add_words(const struct mtree_reading *reading, const struct mtree_line *line,
              struct mtree_facts *facts);

/* The hash of the line's path in the manifest, as second.h has it. */
uint64_t line_hash(const struct mtree_reading *reading, const struct mtree_line *line);

/* Goes down into a directory of the manifest. Returns 0 or -CRAMFS_ERR_MEMORY. */
int enter(struct mtree_reading *reading, const char *name, struct cramfs_node *node, uint64_t hash);

#endif
