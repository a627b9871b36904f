/* The state of a walk through a directory, which listing, entries and refusals share. */
#ifndef CRAMFS_TREE_DIRECTORY_WALKING_H
#define CRAMFS_TREE_DIRECTORY_WALKING_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "cramfs/tree.h"
#include "tree/directory/examine.h"
#include "tree/directory/facts.h"
#include "tree/directory/source.h"

/*
 * A directory that was found and must be listed. If its name is dropped, it has no node: its
 * entries go where the part of the source goes.
 */
struct found {
    uint32_t place;
    struct cramfs_node *node;
    unsigned drop; /* how many names of its entries must still be dropped */
    bool dropped;  /* its own name was dropped */
};

struct listing;

struct directory_walking {
    struct cramfs_tree *tree;
    const char *path; /* of the source, as the caller names it */
    char *root;       /* of the part of it that is taken */
    struct directory_source *source;
    struct cramfs_diags *diags;
    struct examiner *examiner;
    dev_t device;           /* of the source's own file system */
    struct listing *listed; /* the directory whose entries were taken last; or NULL */
    struct listing *next;   /* the one after it, if that is listed already; or NULL */
    struct found *waiting;  /* directories found and not yet listed */
    size_t waiting_count;
    size_t waiting_capacity;
};

/* An entry that is being taken. */
struct directory_entry {
    struct found in;
    const char *name;
    struct directory_facts *facts;
};

#endif
