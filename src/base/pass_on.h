/* Diagnostics that a caller passes on to another list. */
#ifndef CRAMFS_BASE_LOST_H
#define CRAMFS_BASE_LOST_H

#include <stdbool.h>

#include "cramfs/diag.h"

/* Whether an error was reported that is not in the list, because memory ran out. */
bool diags_lost_error(const struct cramfs_diags *diags);

/* Adds all of `found` to `diags`, with its remedies, and with `path` where a diagnostic has none.
 */
void diags_pass_on(const struct cramfs_diags *found, const char *path, struct cramfs_diags *diags);

#endif
