/*
 * The parts of the check. Each returns 0 or -CRAMFS_ERR_MEMORY.
 */
#ifndef CRAMFS_READ_CHECK_CHECK_H
#define CRAMFS_READ_CHECK_CHECK_H

#include "cramfs/check.h"

struct checking {
    const struct cramfs_image *image;
    const struct cramfs_survey *survey;
    const struct cramfs_check_options *options;
    const struct cramfs_listener *listener;
};

int check_super(const struct checking *checking);
int check_entries(const struct checking *checking);
int check_blocks(const struct checking *checking);
int check_sharing(const struct checking *checking);

#endif
