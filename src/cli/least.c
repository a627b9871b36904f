#include "cli/least.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cramfs/diff.h"

static int compare(const struct arguments *arguments, const struct cramfs_like_image *like,
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

static int fail(const struct arguments *arguments)
{
    return cramfs_fail(arguments->diags, CRAMFS_ERR_IO, arguments->image,
                       "cannot be made once more to be compared with the older image: %s",
                       strerror(errno));
}

/* An image in memory of the plan, which `file` is. */
static int compare_again(const struct arguments *arguments, const struct cramfs_like_image *like,
                         const struct cramfs_plan *plan, int file, uint64_t *least)
{
    const struct cramfs_open_options options = {.page_size = arguments->plan.page_size};
    size_t size = cramfs_plan_summary(plan)->image_size;
    struct cramfs_image image = {0};
    int error = cramfs_plan_write(plan, file, arguments->image, arguments->diags);
    if (error)
        return error;
    void *bytes = mmap(NULL, size, PROT_READ, MAP_PRIVATE, file, 0);
    if (bytes == MAP_FAILED)
        return fail(arguments);
    error = cramfs_image_open_memory(bytes, size, &options, &image, NULL);
    if (!error) {
        error = compare(arguments, like, &image, least);
        cramfs_image_close(&image);
    }
    munmap(bytes, size);
    return error;
}

int count_least(const struct arguments *arguments, const struct cramfs_like_image *like,
                const struct cramfs_plan *plan, const struct cramfs_output *output, uint64_t *least)
{
    const struct cramfs_open_options options = {.page_size = arguments->plan.page_size};
    struct cramfs_diags found = {0};
    struct cramfs_image image = {0};
    int error;
    if (!output->temporary) {
        int file = memfd_create("cramfs", MFD_CLOEXEC);
        if (file < 0)
            return fail(arguments);
        error = compare_again(arguments, like, plan, file, least);
        close(file);
        return error;
    }
    error = cramfs_image_open(output->temporary, &options, &image, &found);
    if (error) {
        for (size_t i = 0; i < found.list_count; i++)
            cramfs_fail(arguments->diags, found.list[i].code, arguments->image, "%s",
                        found.list[i].text);
    } else {
        error = compare(arguments, like, &image, least);
        cramfs_image_close(&image);
    }
    cramfs_diags_free(&found);
    return error;
}
