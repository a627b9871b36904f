/* Cuts files of an encoded tree: their cut forms replace them. */
#ifndef CRAMFS_PACK_BUDGET_CUTS_RECUT_H
#define CRAMFS_PACK_BUDGET_CUTS_RECUT_H

#include "pack/budget/cuts/cut_forms.h"

/*
 * Cuts the files of the listed contents: sets the new blocks and mappings of each content, the new
 * sizes of its nodes, and the added mappings in their decisions. No file is cut before. Returns 0,
 * -CRAMFS_ERR_MEMORY, or the error of a source that can no longer be read, with diagnostics.
 */
int recut(struct cut_forms *forms, const struct cuts *cuts);

#endif
