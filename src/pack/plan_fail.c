#include "pack/plan_parts.h"

int plan_fail(int error, struct cramfs_diags *diags)
{
    if (error == -CRAMFS_ERR_INTERNAL)
        return cramfs_fail(diags, CRAMFS_ERR_INTERNAL, NULL,
                           "the layout contradicts itself, and no image is written; this is a bug, "
                           "report it with the tree");
    return error ? cramfs_fail_memory(diags) : 0;
}
