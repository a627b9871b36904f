/*
 * The files that a manifest names, as a source of bytes.
 *
 * They are looked for below one directory, the root. No path leads out of it (open_in_root()), and
 * the absolute target of a link begins there, too.
 */
#ifndef CRAMFS_TREE_MTREE_SOURCE_H
#define CRAMFS_TREE_MTREE_SOURCE_H

#include <limits.h>
#include <sys/types.h>

#include "cramfs/tree.h"
#include "tree/mtree/facts.h"

/* A directory for lines without a path. The first is the root; its parent is the root itself. */
struct mtree_place {
    size_t parent;    /* the number of a place */
    const char *name; /* or, in the root, a path; in the manifest's text */
    struct cramfs_node *node;
    uint64_t hash; /* of its path in the manifest: second.h */
};

struct mtree_entry {
    struct mtree_facts facts;
    struct cramfs_node *node; /* its source_offset is the entry's index */
    size_t line;              /* the last line about it */
    size_t place;             /* of its path in the manifest; its node may be elsewhere: layers.h */
    const char *name;         /* in that place, or a path from the root */
    dev_t device;             /* of its file, which must be the same when it is read */
    ino_t inode;
};

struct mtree_source {
    struct cramfs_source base;
    int root;
    char *root_name; /* as the user wrote it */
    char *root_path; /* absolute, without links */
    char *text;      /* of the manifest; facts point into it */
    struct mtree_entry *entries;
    size_t entries_count;
    size_t entries_capacity;
    struct mtree_place *places;
    size_t places_count;
    size_t places_capacity;
};

/*
 * Makes the source, which the tree frees, for the manifest at `path`. It takes `text` over, also
 * when it fails. Returns 0, -CRAMFS_ERR_IO or -CRAMFS_ERR_MEMORY.
 */
int mtree_source_create(struct cramfs_tree *tree, const char *path, char *text,
                        struct cramfs_diags *diags, struct mtree_source **source);

/*
 * An entry's path in the manifest, "/etc/passwd", as mtree_node_path() returns it; names in it may
 * be "." and empty.
 */
const char *mtree_entry_path(const struct mtree_source *source, const struct mtree_entry *entry,
                             char buffer[PATH_MAX], bool *whole);

/*
 * The node's path, "/etc/passwd". If it is longer than the system accepts, only its end, and *whole
 * is false. The work does not grow with the depth.
 */
const char *mtree_node_path(const struct cramfs_node *node, char buffer[PATH_MAX], bool *whole);

/* Whether an entry has no bytes: manifests write contents=/dev/null for an empty file. */
bool mtree_entry_is_empty(const struct mtree_entry *entry);

/*
 * Opens the file of an entry: the one that contents= names, through links; or the one at the
 * entry's own path, which may not be a link. Returns the file, or -1 with errno: EXDEV when
 * contents= leads out of the root.
 */
int mtree_source_open(const struct mtree_source *source, const struct mtree_entry *entry,
                      int flags);

/*
 * Reports something about an entry, as "FILE:LINE: PATH TEXT", where `path` is the manifest's.
 * Returns -code.
 */
int mtree_entry_report(struct cramfs_diags *diags, enum cramfs_severity severity,
                       enum cramfs_error code, const char *path, const struct mtree_entry *entry,
                       const char *format, ...) __attribute__((format(printf, 6, 7)));

/* Adds the file with the entry's bytes to the inputs. Returns 0 or -CRAMFS_ERR_MEMORY. */
int mtree_source_add_input(const struct mtree_source *source, const struct mtree_entry *entry,
                           struct cramfs_inputs *inputs);

#endif
