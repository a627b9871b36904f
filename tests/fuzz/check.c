/*
 * An image through the checker: every finding can be shown.
 */
#include "fuzz.h"

#include <string.h>

#include "cramfs/check.h"

static void expect_finding(void *context, const struct cramfs_finding *finding)
{
    (void)context;
    FUZZ_EXPECT(finding->rule < CRAMFS_RULES_COUNT);
    FUZZ_EXPECT(finding->entry != CRAMFS_NO_ENTRY || finding->block == CRAMFS_NO_BLOCK);
    FUZZ_EXPECT(finding->text[0] && !strchr(finding->text, '\n'));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct cramfs_image image;
    if (!fuzz_open_image(bytes, size, fuzz_page_size(bytes, size), &image))
        return 0;
    const struct cramfs_listener listener = {expect_finding, NULL};
    const struct cramfs_check_options options = {.jobs = 1};
    struct cramfs_survey survey;
    if (cramfs_survey(&image, &listener, &survey) == 0)
        cramfs_check(&image, &survey, &options, &listener);
    cramfs_survey_free(&survey);
    cramfs_image_close(&image);
    return 0;
}
