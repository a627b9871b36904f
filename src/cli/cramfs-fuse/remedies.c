/* The program's words for the library's remedies. */
#include "cli/common/common.h"

const char *const program_kind = "cramfs-fuse";

const char *const program_remedies[CRAMFS_REMEDIES] = {
    [CRAMFS_REMEDY_SCAN] = "cramfsck --scan lists the images in a file",
    [CRAMFS_REMEDY_PAGE_SIZE] = "-b SIZE names another page size",
    [CRAMFS_REMEDY_CHECK] = "cramfsck prints the errors",
};
