/*
 * A mounted image: the data for all answers to a kernel's requests.
 */
#ifndef CRAMFS_CLI_CRAMFS_FUSE_MOUNTED_H
#define CRAMFS_CLI_CRAMFS_FUSE_MOUNTED_H

#include <stdatomic.h>

#include "cli/common/open_image.h"
#include "cramfs/survey.h"
#include "read/mount/nodes.h"
#include "read/mount/pages.h"

struct mounted {
    struct cramfs_image image;
    struct cramfs_survey survey;
    struct nodes nodes;
    struct pages *pages;
    atomic_bool opens_itself; /* the kernel, once it knows that files need no opening */
    atomic_bool opens_directories_itself;
};

/*
 * Opens an image and checks all of it. Prints the first errors one by one, and the number of the
 * others. Returns EXIT_CLEAN, also if the image has errors but part of it can be shown;
 * EXIT_ERRORS_LEFT if nothing can be shown; EXIT_OPERATIONAL, with the reason in the list. Close it
 * in any case.
 */
int mounted_open(const struct open_arguments *arguments, struct mounted *mounted,
                 struct cramfs_diags *diags);
void mounted_close(struct mounted *mounted);

#endif
