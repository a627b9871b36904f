/*
 * Remedies of diagnostics that are options of a program: the library gives them a number, and the
 * program has the words (cramfs_diags_print()).
 */
#ifndef CRAMFS_BASE_REMEDY_H
#define CRAMFS_BASE_REMEDY_H

#include "cramfs/diag.h"

/*
 * Gives the newest diagnostic of the list, which may be NULL, a remedy; `value` is copied, and NULL
 * where the remedy has none. Returns `error`, so that a failing function can end with
 * `return with_remedy(cramfs_fail(...), ...)`.
 */
int with_remedy(int error, struct cramfs_diags *diags, enum cramfs_remedy remedy,
                const char *value);

#endif
