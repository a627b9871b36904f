#include "tree/taken.h"

#include <inttypes.h>

#include "base/remedy.h"

int taken_fail(struct cramfs_tree *tree, const char *path, struct cramfs_diags *diags)
{
    tree->bytes_taken = UINT64_MAX;
    int error = cramfs_fail(
        diags, CRAMFS_ERR_LIMIT, path,
        "the unpacked files of archives and images have more bytes than the limit of %" PRIu64
        " bytes",
        tree->most_bytes);
    return with_remedy(error, diags, CRAMFS_REMEDY_MOST_BYTES, NULL);
}

int taken_count(struct cramfs_tree *tree, uint64_t bytes, const char *path,
                struct cramfs_diags *diags)
{
    if (tree->bytes_taken > tree->most_bytes || bytes > tree->most_bytes - tree->bytes_taken)
        return taken_fail(tree, path, diags);
    tree->bytes_taken += bytes;
    return 0;
}
