/* The kernel that an older image is for: a part of cramfs_like_open(). */
#ifndef CRAMFS_READ_LIKE_LIKE_H
#define CRAMFS_READ_LIKE_LIKE_H

#include "cramfs/like_image.h"

/*
 * Fails when the image is for a kernel of the other kind: with an MMU, or without. Returns 0,
 * -CRAMFS_ERR_USAGE or -CRAMFS_ERR_MEMORY.
 */
int like_check_kernel(const char *path, const struct cramfs_like_image *like,
                      enum cramfs_kernel wanted, struct cramfs_diags *diags);

#endif
