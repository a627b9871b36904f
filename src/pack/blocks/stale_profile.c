#include "pack/blocks/stale_profile.h"

#include <stdlib.h>

#include "base/remedy.h"

int report_stale_profile(const struct cramfs_plan_options *options, const char *path,
                         const char *difference, struct cramfs_diags *diags)
{
    bool allowed = options->stale_profile;
    int error = cramfs_report(
        diags, allowed ? CRAMFS_ALLOWED : CRAMFS_ERROR, CRAMFS_ERR_CHANGED, path,
        "the profile is of another version of the file: %s; record a new profile", difference);
    if (allowed)
        return 0;
    return with_remedy(error, diags, CRAMFS_REMEDY_STALE_PROFILE, NULL);
}

int check_profile(const struct cramfs_plan_options *options, const struct cramfs_node *node,
                  const void *bytes, struct cramfs_diags *diags)
{
    char text[160];
    char *path = options->profile ? cramfs_node_path(node) : NULL;
    if (!path)
        return options->profile ? -CRAMFS_ERR_MEMORY : 0;
    const struct cramfs_profile_file *file = cramfs_profile_find(options->profile, path);
    const char *difference =
        file ? cramfs_profile_difference(file, bytes, (size_t)node->size, text, sizeof(text))
             : NULL;
    int error = difference ? report_stale_profile(options, path, difference, diags) : 0;
    free(path);
    return error;
}
