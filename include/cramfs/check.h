/*
 * Checking an image: everything that cramfs/finding.h lists.
 */
#ifndef CRAMFS_CHECK_H
#define CRAMFS_CHECK_H

#include "cramfs/survey.h"

/*
 * Checks superblock, CRC, entries, and every block: overlaps, and that it inflates. The survey has
 * told its own findings before. `jobs` worker threads inflate. Findings come in a fixed order,
 * whatever the number of jobs. Returns 0 (also with findings), or -CRAMFS_ERR_MEMORY.
 */
int cramfs_check(const struct cramfs_image *image, const struct cramfs_survey *survey,
                 unsigned jobs, const struct cramfs_listener *listener);

#endif
