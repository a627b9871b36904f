/*
 * The parts of the check. Each returns 0 or -CRAMFS_ERR_MEMORY.
 */
#ifndef CRAMFS_READ_CHECK_CHECK_H
#define CRAMFS_READ_CHECK_CHECK_H

#include "cramfs/check.h"

/* The contents of a block, whichever files have it. */
struct block_contents {
    uint32_t written; /* bytes, once inflated; CONTENTS_UNKNOWN when they cannot be known */
    uint32_t text;    /* bytes before the first zero; CONTENTS_UNKNOWN when no file needs it */
    bool reported;    /* a length that is wrong for a whole page has been reported */
};

#define CONTENTS_UNKNOWN UINT32_MAX

struct checking {
    const struct cramfs_image *image;
    const struct cramfs_survey *survey;
    const struct cramfs_check_options *options;
    const struct cramfs_listener *listener;
    struct block_contents *contents; /* by extent of the survey */
};

int check_super(const struct checking *checking);
int check_entries(const struct checking *checking);
/* Sets `contents`. */
int check_blocks(const struct checking *checking);
/* Compares the contents of each block with each file that has the block. */
void check_owners(const struct checking *checking);
int check_sharing(const struct checking *checking);

#endif
