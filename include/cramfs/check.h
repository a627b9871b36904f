/*
 * Checking an image: everything that cramfs/finding.h lists.
 */
#ifndef CRAMFS_CHECK_H
#define CRAMFS_CHECK_H

#include "cramfs/declarations.h"
#include "cramfs/mapping.h"
#include "cramfs/survey.h"

CRAMFS_BEGIN_DECLARATIONS

/* How a wrong CRC is reported. The rest of the check is the same. */
enum cramfs_crc_check {
    CRAMFS_CRC_IS_ERROR,
    CRAMFS_CRC_IS_HAZARD,
    CRAMFS_CRC_IS_IGNORED, /* and not computed */
};

/*
 * Blocks that a check inflated and kept, so that an extraction need not inflate them again: pass it
 * to both, in their options. cramfs_like_open() keeps some for the builder. The image, its survey
 * and the kept blocks must outlive each other's use.
 */
struct cramfs_inflated;

/* Keeps up to about `max_bytes`, without the list of the blocks. NULL when memory runs out. */
struct cramfs_inflated *cramfs_inflated_create(uint64_t max_bytes);
void cramfs_inflated_free(struct cramfs_inflated *inflated);

struct cramfs_check_options {
    size_t size;   /* see declarations.h */
    unsigned jobs; /* threads that inflate; 0 counts as 1 */
    enum cramfs_crc_check crc;
    enum cramfs_kernel kernel; /* that the image is for; one without MMU has a hazard of its own */
    struct cramfs_inflated *inflated; /* where to keep inflated blocks; NULL: nowhere */
};

/*
 * Checks the superblock, the CRC, the entries, and every block: that no two overlap, and that each
 * inflates. The survey has reported its own findings already. Findings come in a fixed order,
 * whatever the number of jobs. Returns 0 (also with findings), or -CRAMFS_ERR_MEMORY.
 */
int cramfs_check(const struct cramfs_image *image, const struct cramfs_survey *survey,
                 const struct cramfs_check_options *options,
                 const struct cramfs_listener *listener);

/*
 * Whether no mainline kernel reads the image, though it has a superblock of cramfs: it is in a
 * vendor's format, or it is a dump with the spare bytes of the flash. One finding reports which,
 * and what can still be listed; all findings of survey and check would only follow from it.
 */
bool cramfs_check_vendor(const struct cramfs_image *image, const struct cramfs_listener *listener);

CRAMFS_END_DECLARATIONS

#endif
