/*
 * How much smaller the image would be without a directory or a file. A block counts for the
 * smallest part of the tree that has all its users: it goes only with that whole part.
 */
#ifndef CRAMFS_PACK_SAVINGS_H
#define CRAMFS_PACK_SAVINGS_H

#include <stdint.h>

#include "cramfs/plan.h"

#define NO_TWIN UINT32_MAX

/* Of a node. All in bytes of the image, without alignment. */
struct plan_saving {
    uint64_t bytes;  /* by which the image is smaller without the node and all below it */
    uint64_t direct; /* of a directory: the same for the files directly in it */
    uint64_t taken;  /* of a file: its blocks, shared or not */
    uint64_t tail;   /* of a file: its blocks from `loaded` on that no other file has */
    uint32_t files;  /* regular files: itself, or below a directory */
    uint32_t twin;   /* of a file: another with the same contents, hard link or not; NO_TWIN */
};

/*
 * Fills in one element for each node of the plan's tree, by its number. `loaded` has for each node
 * how many bytes of the file are needed; UINT64_MAX for all. Returns 0 or -CRAMFS_ERR_MEMORY.
 */
int plan_savings(const struct cramfs_plan *plan, const uint64_t *loaded,
                 struct plan_saving *savings);

#endif
