/* The program's words for the library's remedies. */
#include "cli/common/common.h"

const char *const program_kind = "cramfs-fuse";

const char *const program_remedies[CRAMFS_REMEDIES] = {
    [CRAMFS_REMEDY_SCAN] = "cramfsck --scan finds those that are there",
    [CRAMFS_REMEDY_PAGE_SIZE] = "-b says which it is for",
    [CRAMFS_REMEDY_CHECK] = "cramfsck says why",
};
