/* The state while a manifest is read, line by line. */
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
    size_t place;                /* the current one, for names without a '/' */
    uint64_t entries;            /* lines of files, also of those left out */
    size_t skipped;              /* how many levels the current place is in excluded directories */
    struct cramfs_diags *diags;
};

/* Reports that the line is wrong. Returns -CRAMFS_ERR_FORMAT. */
int fail_line(const struct mtree_reading *reading, const char *text);

/* Adds the facts of the line's words to *facts. Returns 0 or -CRAMFS_ERR_FORMAT. */
int add_words(const struct mtree_reading *reading, const struct mtree_line *line,
              struct mtree_facts *facts);

/* The hash of the line's path in the manifest, as in second.h. */
uint64_t line_hash(const struct mtree_reading *reading, const struct mtree_line *line);

/* Enters a directory of the manifest. Returns 0 or -CRAMFS_ERR_MEMORY. */
int enter(struct mtree_reading *reading, const char *name, struct cramfs_node *node, uint64_t hash);

#endif
