#include "pack/blocks/cut_limits.h"

#include <stdlib.h>

#include "xip/split/split.h"

/* Why a file is not examined for cuts; NULL if it is examined. */
static const char *reason_not_to_cut(const struct cramfs_plan_options *options,
                                     const struct cramfs_node *node,
                                     const struct cramfs_selection *selection)
{
    if (node->no_split)
        return "a rule says nosplit";
    if (node->xip_must)
        return "a rule with must puts all of it in place";
    if (options->kernel == CRAMFS_KERNEL_NOMMU)
        return "a kernel without MMU maps segments whole";
    if (selection->xip == CRAMFS_XIP_ALL || selection->xip == CRAMFS_XIP_FILE)
        return "it goes in place as a whole";
    return NULL;
}

int find_cut_limits(const struct cramfs_plan_options *options, const struct cramfs_node *node,
                    const void *bytes, struct decision *decision)
{
    struct cramfs_selection *selection = &decision->selection;
    if (!options->split || !options->profile || !selection->mappings_count)
        return 0;
    char *path = cramfs_node_path(node);
    if (!path)
        return -CRAMFS_ERR_MEMORY;
    bool profiled = cramfs_profile_find(options->profile, path);
    free(path);
    selection->uncut = reason_not_to_cut(options, node, selection);
    if (selection->uncut)
        return 0;
    struct split_limits limits;
    int error = split_look(bytes, (size_t)node->size, options->page_size, &limits);
    if (error)
        return error;
    if (limits.refusal != SPLIT_POSSIBLE)
        selection->uncut = split_refusal_text(limits.refusal);
    else if (!profiled)
        selection->uncut = "the profile has no page of it"; /* perhaps of another name */
    decision->most_cuts = limits.most_cuts;
    decision->bytes_hash = hash_bytes(bytes, (size_t)node->size, 0);
    return 0;
}
