/*
 * The bytes of files, as read(2) on a mounted image gives them.
 */
#ifndef CRAMFS_CAT_H
#define CRAMFS_CAT_H

#include <stdio.h>

#include "cramfs/declarations.h"
#include "cramfs/view.h"

CRAMFS_BEGIN_DECLARATIONS

/*
 * Writes the bytes of each chosen regular file, in the order of the image. A block that cannot be
 * read becomes zeroes. Adds a diagnostic for each entry that is not a regular file, and for each
 * file that cannot be read in full. Returns 0; -CRAMFS_ERR_USAGE or _FORMAT for those two;
 * -CRAMFS_ERR_IO or -CRAMFS_ERR_MEMORY.
 */
int cramfs_cat(FILE *out, const struct cramfs_view *view, const bool *chosen,
               struct cramfs_diags *diags);

CRAMFS_END_DECLARATIONS

#endif
