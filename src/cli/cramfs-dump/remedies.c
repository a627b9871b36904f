/* The program's name, and its words for the library's remedies. */
#include "cli/common/common.h"

const char *const program_kind = "cramfs-dump";

const char *const program_remedies[CRAMFS_REMEDIES] = {
    [CRAMFS_REMEDY_SCAN] = "--scan finds those that are there",
    [CRAMFS_REMEDY_PAGE_SIZE] = "-b says which it is for",
    [CRAMFS_REMEDY_MAX_EXTRACT] = "raise it with --max-extract",
    [CRAMFS_REMEDY_CHECK] = "cramfsck says why",
    [CRAMFS_REMEDY_FULL_MANIFEST] = "use --mtree",
};
