/* The rows of one file of a profile, which a reader of many pages goes through once. */
#ifndef CRAMFS_XIP_PROFILE_FILE_H
#define CRAMFS_XIP_PROFILE_FILE_H

#include "cramfs/profile.h"

struct profile_touch {
    uint64_t offset; /* bytes, anywhere in the page */
    uint64_t count;
};

struct cramfs_profile_file {
    const char *path; /* from the root, without a leading slash */
    const char *id;
    struct profile_touch *touches; /* in order of offset; a page may have several */
    size_t touches_count;
    uint32_t processes; /* 0: the profile does not say */
};

#endif
