/*
 * An image that is being served: all that the answers to a kernel's requests are made of.
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
    atomic_bool opens_itself; /* the kernel, once it has been answered that opening is unknown */
    atomic_bool opens_directories_itself;
};

/*
 * Opens an image and checks all of it. What is wrong is printed, the first errors one by one and
 * the others as a number. Returns EXIT_CLEAN, also for an image with errors of which the rest can
 * be shown; EXIT_ERRORS_LEFT when nothing can; EXIT_OPERATIONAL, with the reason in the list. Close
 * it in any case.
 */
int mounted_open(const struct open_arguments *arguments, struct mounted *mounted,
                 struct cramfs_diags *diags);
void mounted_close(struct mounted *mounted);

#endif
