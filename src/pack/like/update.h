/*
 * Updating: the layout of an image like that of an older one.
 *
 * Several ways are tried, from the most sparing of room to the least, and held against the older
 * image erase block by erase block; so no estimate decides, but what would be written.
 */
#ifndef CRAMFS_PACK_LIKE_UPDATE_H
#define CRAMFS_PACK_LIKE_UPDATE_H

#include "pack/plan_parts.h"

/*
 * Has the plan, which is laid out afresh, laid out like options.like, when that is better and
 * within what it may cost; else a note says why not. Fills in the summary's part. Returns 0,
 * -CRAMFS_ERR_MEMORY, -CRAMFS_ERR_INTERNAL, or -CRAMFS_ERR_USAGE for an older image that is in
 * another byte order or for another page size.
 */
int update(struct cramfs_plan *plan, struct cramfs_diags *diags);

#endif
