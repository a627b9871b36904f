/* The program's name, and its words for the library's remedies. */
#include "cli/common/common.h"

const char *const program_kind = "cramfs-dump";

const char *const program_remedies[CRAMFS_REMEDIES] = {
    [CRAMFS_REMEDY_SCAN] = "--scan lists the images in a file",
    [CRAMFS_REMEDY_PAGE_SIZE] = "-b SIZE names another page size",
    [CRAMFS_REMEDY_MAX_EXTRACT] = "--max-extract=SIZE allows more",
    [CRAMFS_REMEDY_CHECK] = "cramfsck prints the errors",
    [CRAMFS_REMEDY_FULL_MANIFEST] = "use --mtree",
};
