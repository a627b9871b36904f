/*
 * About how many erase blocks must differ from an older image, counted as cramfs-dump --diff does:
 * from the two images, not from the builder's data.
 */
#ifndef CRAMFS_CLI_MKCRAMFS_XIP_MUST_DIFFER_H
#define CRAMFS_CLI_MKCRAMFS_XIP_MUST_DIFFER_H

#include "cli/mkcramfs-xip/options/options.h"
#include "cramfs/like_image.h"
#include "cramfs/output.h"

/*
 * `output` has the whole image by now. If it cannot be read back, as a pipe, the image is made once
 * more in memory. Returns 0, -CRAMFS_ERR_IO or -CRAMFS_ERR_MEMORY.
 */
int count_must_differ(const struct arguments *arguments, struct cramfs_like_image *like,
                      const struct cramfs_plan *plan, const struct cramfs_output *output,
                      uint64_t *least);

#endif
