/*
 * Squeezing out a page.
 *
 * Tables and heads are aligned to 4 bytes, which costs a little with each file; together it can be
 * what makes the bytes in front of the zone spill into one more page, most of which is then lost to
 * the zone's own alignment. When that happens, as many blocks as it takes are compressed as small
 * as the compressor can, and the page is saved.
 */
#ifndef CRAMFS_PACK_LAYOUT_SQUEEZE_H
#define CRAMFS_PACK_LAYOUT_SQUEEZE_H

#include "pack/layout/layout.h"

/*
 * Lays out again, after lay_out(), where it pays; *layout is then the new one. Returns as
 * lay_out().
 */
int squeeze(const struct cramfs_tree *tree, const struct cramfs_plan_options *options,
            struct encoded_tree *encoded, struct arrangement *arrangement, struct layout *layout,
            struct cramfs_diags *diags);

#endif
