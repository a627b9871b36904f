/*
 * A directory that is walked: what its listing, its entries and its refusals share.
 */
#ifndef CRAMFS_TREE_DIRECTORY_WALKING_H
#define CRAMFS_TREE_DIRECTORY_WALKING_H

#include <dirent.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "cramfs/tree.h"
#include "tree/directory/source.h"

/*
 * A directory that was found and is to be listed. One whose name is dropped has no node: what is in
 * it goes where the part of the source goes.
 */
struct found {
    uint32_t place;
    struct cramfs_node *node;
    unsigned drop; /* so many names of what is in it are still to be dropped */
    bool dropped;  /* so was its own */
};

struct directory_walking {
    struct cramfs_tree *tree;
    const char *path; /* of the source, as the caller names it, */
    char *root;       /* and of the part of it that is taken */
    struct directory_source *source;
    struct cramfs_diags *diags;
    dev_t device; /* of the source's own file system */
    DIR *listed;  /* the directory listed last, still open */
    uint32_t listed_place;
    struct found *waiting; /* directories found and not yet listed */
    size_t waiting_count;
    size_t waiting_capacity;
};

/* An entry, at work. */
struct directory_entry {
    struct found in;
    int directory; /* open */
    const char *name;
    int file; /* the entry itself, with O_PATH */
    struct stat status;
};

#endif
