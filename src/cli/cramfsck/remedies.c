/* The program's name, and its words for the library's remedies. */
#include "cli/common/common.h"

const char *const program_kind = "cramfsck";

const char *const program_remedies[CRAMFS_REMEDIES] = {
    [CRAMFS_REMEDY_SCAN] = "--scan finds those that are there",
    [CRAMFS_REMEDY_PAGE_SIZE] = "-b says which it is for",
    [CRAMFS_REMEDY_REPLACE] = "--force replaces what is there",
    [CRAMFS_REMEDY_PRIVILEGED] = "--privileged does that",
    [CRAMFS_REMEDY_MAX_EXTRACT] = "raise it with --max-extract",
};
