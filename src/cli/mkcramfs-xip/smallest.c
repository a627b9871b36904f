#include "cli/mkcramfs-xip/smallest.h"

#include <stdlib.h>

#include "cramfs/diff.h"

static int compare(const struct arguments *arguments, struct cramfs_like_image *like,
                   const struct cramfs_image *image, uint64_t *least)
{
    struct cramfs_survey survey;
    const struct cramfs_view before = {&like->image, &like->survey, NULL};
    const struct cramfs_view after = {image, &survey, NULL};
    struct cramfs_diff diff;
    int error = cramfs_survey(image, NULL, &survey);
    if (!error) {
        error = cramfs_diff(&before, &after, arguments->plan.erase_block, &diff);
        *least = diff.erase_blocks_least;
        cramfs_diff_free(&diff);
    }
    cramfs_survey_free(&survey);
    return error ? cramfs_fail_memory(arguments->diags) : 0;
}

/* The image that the plan makes, once more in memory. */
static int compare_again(const struct arguments *arguments, struct cramfs_like_image *like,
                         const struct cramfs_plan *plan, uint64_t *least)
{
    const struct cramfs_open_options options = {.page_size = arguments->plan.page_size};
    uint64_t size = cramfs_plan_summary(plan)->image_size;
    struct cramfs_image image = {0};
    void *bytes = malloc((size_t)size); /* CRAMFS_MAX_IMAGE_SIZE fits everywhere */
    int error = bytes ? cramfs_plan_write_memory(plan, bytes, arguments->diags)
                      : cramfs_fail_memory(arguments->diags);
    if (!error)
        error = cramfs_image_open_memory(bytes, size, &options, &image, arguments->diags);
    if (!error) {
        error = compare(arguments, like, &image, least);
        cramfs_image_close(&image);
    }
    free(bytes);
    return error;
}

int count_least(const struct arguments *arguments, struct cramfs_like_image *like,
                const struct cramfs_plan *plan, const struct cramfs_output *output, uint64_t *least)
{
    const struct cramfs_open_options options = {.page_size = arguments->plan.page_size};
    struct cramfs_diags found = {0};
    struct cramfs_image image = {0};
    if (!output->temporary)
        return compare_again(arguments, like, plan, least);
    int error = cramfs_image_open(output->temporary, &options, &image, &found);
    if (error) {
        for (size_t i = 0; i < found.list_count; i++)
            cramfs_fail(arguments->diags, found.list[i].code, arguments->operands.image, "%s",
                        found.list[i].text);
    } else {
        error = compare(arguments, like, &image, least);
        cramfs_image_close(&image);
    }
    cramfs_diags_free(&found);
    return error;
}
