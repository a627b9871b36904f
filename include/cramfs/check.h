/*
 * Checking an image: everything that cramfs/finding.h lists.
 */
#ifndef CRAMFS_CHECK_H
#define CRAMFS_CHECK_H

#include "cramfs/declarations.h"
#include "cramfs/mapping.h"
#include "cramfs/survey.h"

CRAMFS_BEGIN_DECLARATIONS

/* What a wrong CRC is taken for. The rest of the check is the same. */
enum cramfs_crc_check {
    CRAMFS_CRC_IS_ERROR,
    CRAMFS_CRC_IS_HAZARD,
    CRAMFS_CRC_IS_IGNORED, /* and not computed */
};

struct cramfs_check_options {
    size_t size;   /* see declarations.h */
    unsigned jobs; /* threads that inflate; 0 counts as 1 */
    enum cramfs_crc_check crc;
    enum cramfs_kernel kernel; /* that the image is for: one without MMU has a trap of its own */
};

/*
 * Checks superblock, CRC, entries, and every block: overlaps, and that it inflates. The survey has
 * told its own findings before. Findings come in a fixed order, whatever the number of jobs.
 * Returns 0 (also with findings), or -CRAMFS_ERR_MEMORY.
 */
int cramfs_check(const struct cramfs_image *image, const struct cramfs_survey *survey,
                 const struct cramfs_check_options *options,
                 const struct cramfs_listener *listener);

/*
 * Whether the image is one that no mainline kernel reads, though it has a superblock of cramfs: of
 * a vendor's format, or a dump that holds the spare bytes of the flash. One finding says which, and
 * what can still be listed; all that survey and check would find follows from it.
 */
bool cramfs_check_vendor(const struct cramfs_image *image, const struct cramfs_listener *listener);

CRAMFS_END_DECLARATIONS

#endif
