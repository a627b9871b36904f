/*
 * The parts of the check. Each returns 0 or -CRAMFS_ERR_MEMORY.
 */
#ifndef CRAMFS_READ_CHECK_H
#define CRAMFS_READ_CHECK_H

#include "cramfs/check.h"

struct checking {
    const struct cramfs_image *image;
    const struct cramfs_survey *survey;
    const struct cramfs_listener *listener;
    unsigned jobs;
};

int check_super(const struct checking *checking);
int check_entries(const struct checking *checking);
int check_blocks(const struct checking *checking);

#endif
