/*
 * Remedies of diagnostics that are options of a program: the library sets a number, and the program
 * has the words (cramfs_diags_print()).
 */
#ifndef CRAMFS_BASE_REMEDY_H
#define CRAMFS_BASE_REMEDY_H

#include "cramfs/diag.h"

/*
 * Sets the remedy of the newest diagnostic in the list, which may be NULL. `value` is copied; it is
 * NULL where the remedy has none. Returns `error`, so that a failing function can end with `return
 * with_remedy(cramfs_fail(...), ...)`.
 */
int with_remedy(int error, struct cramfs_diags *diags, enum cramfs_remedy remedy,
                const char *value);

#endif
