/*
 * The first stage of a plan that reads the sources.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "pack/blocks/encode.h"
#include "pack/blocks/stale_profile.h"
#include "pack/like/old_pages.h"
#include "pack/plan_parts.h"

/* Reports files of the profile that the tree does not have: it was taken from another tree. */
static int find_profiled(const struct cramfs_plan *plan, struct cramfs_diags *diags)
{
    const struct cramfs_profile *profile = plan->options.profile;
    int result = 0;
    for (size_t i = 0; profile && i < cramfs_profile_count(profile); i++) {
        const char *path = cramfs_profile_path(profile, i);
        const struct cramfs_node *node = cramfs_tree_lookup(plan->tree, path);
        if (node && S_ISREG(node->mode) && node->size)
            continue;
        char *shown;
        if (asprintf(&shown, "/%s", path) < 0)
            return cramfs_fail_memory(diags);
        int error = report_stale_profile(&plan->options, shown,
                                         "the tree has no such file, or it is empty", diags);
        free(shown);
        result = error ? error : result;
    }
    return result;
}

/* Encodes all files once; pages that the older image has are not compressed again. */
static int encode_once(struct cramfs_plan *plan, struct cramfs_diags *diags)
{
    if (!plan->options.like)
        return encode_tree(plan->tree, &plan->options, NULL, &plan->encoded, diags);
    struct old_pages pages = {0};
    struct older_pages older = {old_pages_find, &pages};
    old_free(&plan->old);
    int error = old_read(plan->options.like, plan->tree, &plan->old);
    if (!error)
        error = old_pages_prepare(&plan->old, plan->tree, &pages);
    if (error)
        cramfs_fail_memory(diags);
    else
        error = encode_tree(plan->tree, &plan->options, &older, &plan->encoded, diags);
    old_pages_free(&pages);
    return error;
}

/*
 * Encodes all files. Each round leaves out those that turned out unreadable, where the tree allows
 * that.
 */
int plan_encode(struct cramfs_plan *plan, struct cramfs_diags *diags)
{
    int stale = find_profiled(plan, diags);
    int error;
    do {
        encoded_tree_free(&plan->encoded);
        error = cramfs_tree_fit(plan->tree, plan->options.page_size, diags);
        /* Files are read also when the tree does not fit, to report all that is wrong at once. */
        int unread = error && error != -CRAMFS_ERR_LIMIT ? 0 : encode_once(plan, diags);
        error = error ? error : unread;
        if (!error && plan->encoded.files_lost && cramfs_tree_finish(plan->tree) != 0)
            error = cramfs_fail_memory(diags);
    } while (!error && plan->encoded.files_lost);
    return error ? error : stale;
}
