/* Opening an older image, to lay out a new one like it. */
#ifndef CRAMFS_LIKE_IMAGE_H
#define CRAMFS_LIKE_IMAGE_H

#include "cramfs/check.h"
#include "cramfs/declarations.h"
#include "cramfs/like.h"
#include "cramfs/mapping.h"
#include "cramfs/survey.h"

CRAMFS_BEGIN_DECLARATIONS

/* What the new image is for; the older one must be for the same. */
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
    struct cramfs_inflated *inflated; /* blocks that the check has inflated; or NULL */
    struct cramfs_like_entry *entries;
    struct cramfs_like_page *pages;
    struct cramfs_like like; /* for struct cramfs_plan_options; it points into the members above */
};

/*
 * Opens the image in a file and checks it as cramfsck(1) does. An image does not store its kind of
 * kernel. It is taken to be for another kind in two cases: it has pages in place that would
 * compress, only the other kind of kernel needs them, and the requested one can use none of them;
 * or two files share pages in place, which would make the requested kernel panic. Returns 0,
 * -CRAMFS_ERR_IO, -CRAMFS_ERR_FORMAT for a file that is not an image, or an image with errors,
 * -CRAMFS_ERR_USAGE for another byte order, swap, page size or kernel, or -CRAMFS_ERR_MEMORY. Close
 * it in any case, and not before the plan that uses it is freed.
 */
int cramfs_like_open(const char *path, const struct cramfs_like_options *options,
                     struct cramfs_like_image *like, struct cramfs_diags *diags);
void cramfs_like_close(struct cramfs_like_image *like);

CRAMFS_END_DECLARATIONS

#endif
