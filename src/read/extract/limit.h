/* The size of an extraction, checked before anything is made. */
#ifndef CRAMFS_READ_EXTRACT_LIMIT_H
#define CRAMFS_READ_EXTRACT_LIMIT_H

#include "cramfs/extract.h"

/*
 * Compares the entries that are not skipped (NULL: none is) with a limit in bytes, as
 * cramfs_extract_options.max_bytes defines it. Returns 0, or -CRAMFS_ERR_LIMIT with a diagnostic.
 */
int extract_limit_check(const struct cramfs_survey *survey, const bool *skipped, uint64_t max_bytes,
                        struct cramfs_diags *diags);

#endif
