/*
 * Updating: lays out a new image like an older one.
 *
 * Several ways are tried, from the one that uses the least room to the one that uses the most. Each
 * is compared with the older image erase block by erase block, so the decision depends on what
 * would be written, not on an estimate.
 */
#ifndef CRAMFS_PACK_LIKE_UPDATE_H
#define CRAMFS_PACK_LIKE_UPDATE_H

#include "pack/layout/layout.h"
#include "pack/like/old.h"

/*
 * Replaces *arrangement and *layout, which are laid out from scratch, by ones like options->like if
 * that is better and within the allowed size; otherwise a note says why not. `old` is that image as
 * old_read() made it; this function matches it. Sets *summary. Returns 0, -CRAMFS_ERR_MEMORY with a
 * diagnostic, or -CRAMFS_ERR_INTERNAL without one.
 */
int update(const struct cramfs_tree *tree, const struct cramfs_plan_options *options,
           struct encoded_tree *encoded, struct old_image *old, struct arrangement *arrangement,
           struct layout *layout, struct cramfs_like_summary *summary, struct cramfs_diags *diags);

#endif
