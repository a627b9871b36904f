/*
 * Opening an older image that another is to be laid out like.
 */
#ifndef CRAMFS_LIKE_IMAGE_H
#define CRAMFS_LIKE_IMAGE_H

#include "cramfs/declarations.h"
#include "cramfs/like.h"
#include "cramfs/mapping.h"
#include "cramfs/survey.h"

CRAMFS_BEGIN_DECLARATIONS

/* What the new image is for, and the older one must be for, too. */
struct cramfs_like_options {
    size_t size; /* see declarations.h */
    enum cramfs_order order;
    uint32_t page_size;
    enum cramfs_kernel kernel;
    enum cramfs_swap swap;
    unsigned jobs; /* threads that check the older image, 0 counts as 1 */
};

struct cramfs_like_image {
    struct cramfs_image image;
    struct cramfs_survey survey;
    struct cramfs_like_entry *entries;
    struct cramfs_like like; /* for struct cramfs_plan_options; it points into the above */
};

/*
 * Opens the image in a file and checks it as cramfsck(1) does. What its kernel is, an image does
 * not say: it is taken to be for another when it has pages in place that would compress, where only
 * the other kind of kernel wants them, and not one of them is of use to the wanted one; or when two
 * files share some and that would make it panic. Returns 0, -CRAMFS_ERR_IO, -CRAMFS_ERR_FORMAT for
 * no image, or one with errors, -CRAMFS_ERR_USAGE for one in another byte order, swapped otherwise,
 * or for another page size or kernel, or -CRAMFS_ERR_MEMORY.
 * Close it in any case, and not while a plan that goes by it is in use.
 */
int cramfs_like_open(const char *path, const struct cramfs_like_options *options,
                     struct cramfs_like_image *like, struct cramfs_diags *diags);
void cramfs_like_close(struct cramfs_like_image *like);

CRAMFS_END_DECLARATIONS

#endif
