/*
 * The nodes of a mounted image: entries found by name and listed by directory, without a walk each
 * time.
 *
 * A node is an entry of the survey, by its number. Two kinds are left out: a name that no file can
 * have (a kernel then fails to list the whole directory), and the second of two equal names in a
 * directory. The check reports both as errors. Nothing here changes after nodes_create(): any
 * number of threads may ask at once.
 */
#ifndef CRAMFS_READ_MOUNT_NODES_H
#define CRAMFS_READ_MOUNT_NODES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/hash.h"
#include "cramfs/walk.h"

struct nodes {
    const struct cramfs_entries *entries;
    uint32_t *children; /* those of one directory after each other, in the order on disk */
    uint32_t *first;    /* by entry: where its children begin; and one more, where the last end */
    bool *incomplete;   /* by entry: a directory of which not all can be read */
    struct hash_index by_name;
};

/*
 * Time and memory follow from the number of entries, which must live as long as the nodes. Returns
 * 0 or -CRAMFS_ERR_MEMORY; free in any case.
 */
int nodes_create(const struct cramfs_entries *entries, struct nodes *nodes);
void nodes_free(struct nodes *nodes);

/* The child of that name, or CRAMFS_NO_ENTRY. */
uint32_t nodes_find(const struct nodes *nodes, uint32_t directory, const char *name, size_t length);

/* How many children a node has, and the one at `index` below that. */
uint32_t nodes_count(const struct nodes *nodes, uint32_t directory);
uint32_t nodes_child(const struct nodes *nodes, uint32_t directory, uint32_t index);

/*
 * Whether damage hides children: a name that is not found may have been there, and a list that ends
 * is not all.
 */
bool nodes_incomplete(const struct nodes *nodes, uint32_t directory);

#endif
