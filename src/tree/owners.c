#include "cramfs/owners.h"

#include <inttypes.h>

/* Returns false when the new number does not fit. */
static bool map_id(const struct cramfs_id_rule *rule, uint32_t *id)
{
    if (rule->all) {
        *id = rule->all_to;
        return true;
    }
    for (size_t i = 0; i < rule->maps_count; i++) {
        if (rule->maps[i].from == *id) {
            *id = rule->maps[i].to;
            return true;
        }
    }
    int64_t moved = *id + rule->offset;
    if (moved < 0 || moved > UINT32_MAX)
        return false;
    *id = (uint32_t)moved;
    return true;
}

int cramfs_tree_map_owners(struct cramfs_tree *tree, const struct cramfs_id_rule *uid,
                           const struct cramfs_id_rule *gid, struct cramfs_diags *diags)
{
    int result = 0;
    for (struct cramfs_node *node = NULL; (node = cramfs_tree_next(tree, node));) {
        if (!map_id(uid, &node->uid))
            result =
                cramfs_node_fail(diags, CRAMFS_ERR_LIMIT, node,
                                 "uid %" PRIu32 " with the offset %" PRId64 " added is not a uid",
                                 node->uid, uid->offset);
        if (!map_id(gid, &node->gid))
            result =
                cramfs_node_fail(diags, CRAMFS_ERR_LIMIT, node,
                                 "gid %" PRIu32 " with the offset %" PRId64 " added is not a gid",
                                 node->gid, gid->offset);
    }
    return result;
}
