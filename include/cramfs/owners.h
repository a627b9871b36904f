/* Ownership: the owners of files in an image, when they are not those of the sources. */
#ifndef CRAMFS_OWNERS_H
#define CRAMFS_OWNERS_H

#include "cramfs/declarations.h"
#include "cramfs/tree.h"

CRAMFS_BEGIN_DECLARATIONS

/* One user or group becomes another. */
struct cramfs_id_map {
    uint32_t from;
    uint32_t to;
};

/* How one kind of number, uid or gid, is changed. */
struct cramfs_id_rule {
    bool all; /* every number becomes `all_to`, and nothing below counts */
    uint32_t all_to;
    const struct cramfs_id_map *maps; /* the first whose `from` is the number decides; no offset */
    size_t maps_count;
    int64_t offset; /* added to numbers that are in no map */
};

/*
 * Applies the rules to every node of a tree, finished or not. Returns 0, or -CRAMFS_ERR_LIMIT with
 * an error for each number that would leave 32 bits.
 */
int cramfs_tree_map_owners(struct cramfs_tree *tree, const struct cramfs_id_rule *uid,
                           const struct cramfs_id_rule *gid, struct cramfs_diags *diags);

CRAMFS_END_DECLARATIONS

#endif
