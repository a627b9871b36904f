/* Diagnostics that a caller passes on to another list. */
#ifndef CRAMFS_BASE_PASS_ON_H
#define CRAMFS_BASE_PASS_ON_H

#include <stdbool.h>

#include "cramfs/diag.h"

/* Whether an error was reported that is not in the list, because memory ran out. */
bool diags_lost_error(const struct cramfs_diags *diags);

/*
 * Adds the diagnostics of `found` that have severity `least` or above to `diags`, with their
 * remedies, and with `path` where one has none.
 */
void diags_pass_on(const struct cramfs_diags *found, const char *path, enum cramfs_severity least,
                   struct cramfs_diags *diags);

#endif
