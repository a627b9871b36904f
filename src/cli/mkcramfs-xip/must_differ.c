#include "cli/mkcramfs-xip/must_differ.h"

#include <stdlib.h>

#include "base/pass_on.h"
#include "cramfs/diff.h"

static int compare(const struct arguments *arguments, struct cramfs_like_image *like,
                   const struct cramfs_view *after, uint64_t *least)
{
    const struct cramfs_view before = {&like->image, &like->survey, NULL, like->inflated};
    struct cramfs_diff diff;
    int error =
        cramfs_diff(&before, after, arguments->plan.erase_block, arguments->plan.jobs, &diff);
    *least = diff.erase_blocks_least;
    cramfs_diff_free(&diff);
    return error ? cramfs_fail_memory(arguments->diags) : 0;
}

/* The image that the plan makes, once more in memory. */
static int open_again(const struct arguments *arguments, const struct cramfs_open_options *options,
                      const struct cramfs_plan *plan, void **bytes, struct cramfs_view **view)
{
    uint64_t size = cramfs_plan_summary(plan)->image_size;
    *bytes = malloc((size_t)size); /* CRAMFS_MAX_IMAGE_SIZE fits everywhere */
    int error = *bytes ? cramfs_plan_write_memory(plan, *bytes, arguments->diags)
                       : cramfs_fail_memory(arguments->diags);
    return error ? error : cramfs_view_open_memory(*bytes, size, options, arguments->diags, view);
}

/* Errors are those of the image that `temporary` is to become. */
static int open_output(const struct arguments *arguments, const struct cramfs_open_options *options,
                       const char *temporary, struct cramfs_view **view)
{
    struct cramfs_diags found = {0};
    int error = cramfs_view_open(temporary, options, &found, view);
    for (size_t i = 0; error && i < found.list_count; i++)
        cramfs_fail(arguments->diags, found.list[i].code, arguments->operands.image, "%s",
                    found.list[i].text ? found.list[i].text : "out of memory");
    if (diags_lost_error(&found))
        cramfs_fail_memory(arguments->diags);
    cramfs_diags_free(&found);
    return error;
}

int count_must_differ(const struct arguments *arguments, struct cramfs_like_image *like,
                      const struct cramfs_plan *plan, const struct cramfs_output *output,
                      uint64_t *least)
{
    const struct cramfs_open_options options = {.page_size = arguments->plan.page_size,
                                                .beside = &like->image};
    void *bytes = NULL;
    struct cramfs_view *view = NULL;
    int error = output->temporary ? open_output(arguments, &options, output->temporary, &view)
                                  : open_again(arguments, &options, plan, &bytes, &view);
    if (!error)
        error = compare(arguments, like, view, least);
    cramfs_view_close(view);
    free(bytes);
    return error;
}
