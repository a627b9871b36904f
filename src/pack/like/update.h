/*
 * Updating: the layout of an image like that of an older one.
 *
 * Several ways are tried, from the most sparing of room to the least, and held against the older
 * image erase block by erase block; so no estimate decides, but what would be written.
 */
#ifndef CRAMFS_PACK_LIKE_UPDATE_H
#define CRAMFS_PACK_LIKE_UPDATE_H

#include "pack/layout/layout.h"
#include "pack/like/old.h"

/*
 * Has *arrangement and *layout, which are laid out afresh, laid out like options->like, when that
 * is better and within what it may cost; else a note says why not. `old` is that image, read; this
 * matches it. Fills in *summary. Returns 0,
 * -CRAMFS_ERR_MEMORY with a diagnostic, or -CRAMFS_ERR_INTERNAL without one.
 */
int update(const struct cramfs_tree *tree, const struct cramfs_plan_options *options,
           struct encoded_tree *encoded, struct old_image *old, struct arrangement *arrangement,
           struct layout *layout, struct cramfs_like_summary *summary, struct cramfs_diags *diags);

#endif
