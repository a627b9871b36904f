/*
 * The nodes of a mounted image: entries found by name and listed by directory, without a walk each
 * time.
 *
 * A node is an entry of the survey, by its number. Two kinds of entries are left out: those with a
 * name that no file can have (a kernel then fails to list the whole directory), and the second of
 * two equal names in a directory. The check reports both as errors. Nothing changes after
 * nodes_create(), so any number of threads may use the nodes at once.
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
    uint32_t *children; /* directory after directory, each in the order on disk */
    uint32_t *first;    /* by entry: where its children begin; plus one element for the end */
    bool *incomplete;   /* by entry: a directory that cannot be read in full */
    struct hash_index by_name;
};

/*
 * Time and memory are proportional to the number of entries. The entries must live as long as the
 * nodes. Returns 0 or -CRAMFS_ERR_MEMORY; free in any case.
 */
int nodes_create(const struct cramfs_entries *entries, struct nodes *nodes);
void nodes_free(struct nodes *nodes);

/* The child of that name, or CRAMFS_NO_ENTRY. */
uint32_t nodes_find(const struct nodes *nodes, uint32_t directory, const char *name, size_t length);

/* How many children a node has, and the one at `index` below that. */
uint32_t nodes_count(const struct nodes *nodes, uint32_t directory);
uint32_t nodes_child(const struct nodes *nodes, uint32_t directory, uint32_t index);

/*
 * Whether damage hides children: then a name that is not found may have existed, and a list may not
 * be complete.
 */
bool nodes_incomplete(const struct nodes *nodes, uint32_t directory);

#endif
