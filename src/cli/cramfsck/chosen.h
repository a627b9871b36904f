/*
 * The entries that the PATHs after the image name.
 */
#ifndef CRAMFS_CLI_CRAMFSCK_CHOSEN_H
#define CRAMFS_CLI_CRAMFSCK_CHOSEN_H

#include "cli/cramfsck/options.h"

/*
 * Sets *chosen to one for each entry, true for those that a PATH names and all that is below them,
 * or to NULL when there are no PATHs. Returns 0 or a negative error, with a diagnostic. The caller
 * frees in any case.
 */
int choose_paths(const struct cramfsck_arguments *arguments, const struct cramfs_survey *survey,
                 bool **chosen, struct cramfs_diags *diags);

#endif
