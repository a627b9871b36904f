/*
 * Pages that an older image has in place, so that they can stay there.
 */
#ifndef CRAMFS_PACK_BUDGET_KEPT_PAGES_H
#define CRAMFS_PACK_BUDGET_KEPT_PAGES_H

#include "pack/budget/candidates.h"

/*
 * With options.like: fills in `kept` and `kept_alone` of each candidate, from the file that the
 * older image has at a path of the candidate's content. The bytes of the pages may have changed.
 * Returns 0 or -CRAMFS_ERR_MEMORY.
 */
int kept_pages_find(struct candidates *candidates);

#endif
