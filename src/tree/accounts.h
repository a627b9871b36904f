/* Names of users and groups, from the tree's own /etc/passwd and /etc/group. */
#ifndef CRAMFS_TREE_ACCOUNTS_H
#define CRAMFS_TREE_ACCOUNTS_H

#include <stdbool.h>

#include "base/hash.h"
#include "cramfs/tree.h"

struct account {
    const char *name; /* in the file's text */
    size_t length;
    uint32_t number;
};

/* One of the two files, read when the first name is looked up. At first only `path` is set. */
struct accounts {
    const char *path; /* in the tree */
    bool tried;
    char *text; /* NULL when the file could not be read */
    size_t length;
    struct account *list; /* for each name, the first line with a number */
    size_t list_count;
    size_t list_capacity;
    struct hash_index by_name;
};

/*
 * Finds the number of a name. The first line with that name whose third field is a number counts,
 * as in the target's C library. Returns 0; -CRAMFS_ERR_FORMAT when the name, or the whole file,
 * does not exist, with *why a part of a sentence ("... has no such name"); the code of the source,
 * with its diagnostic, when the file cannot be read; or -CRAMFS_ERR_MEMORY.
 */
int accounts_find(struct accounts *accounts, const struct cramfs_tree *tree, const char *name,
                  uint32_t *number, const char **why, struct cramfs_diags *diags);

void accounts_free(struct accounts *accounts);

#endif
