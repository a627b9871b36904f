/*
 * An image through the checker, for the kernel in bits 0 and 1 of the superblock's edition: every
 * finding can be shown, as text and as JSON.
 */
#include "fuzz.h"

#include <string.h>

#include "cramfs/check.h"
#include "cramfs/finding_report.h"

struct report {
    const struct cramfs_survey *survey;
    FILE *out;
    bool any;
};

static void show(void *context, const struct cramfs_finding *finding)
{
    struct report *report = context;
    FUZZ_EXPECT(finding->rule < CRAMFS_RULES_COUNT);
    FUZZ_EXPECT(finding->entry != CRAMFS_NO_ENTRY || finding->block == CRAMFS_NO_BLOCK);
    FUZZ_EXPECT(finding->text[0] && !strchr(finding->text, '\n'));
    cramfs_finding_print(report->out, "image", report->survey, finding);
    cramfs_finding_json(report->out, !report->any, report->survey, finding);
    report->any = true;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct cramfs_image image;
    if (!fuzz_open_image(bytes, size, fuzz_page_size(bytes, size), &image))
        return 0;
    struct cramfs_survey survey;
    struct report report = {.survey = &survey, .out = fuzz_nowhere()};
    const struct cramfs_listener listener = {show, &report};
    const struct cramfs_check_options options = {
        .jobs = 1, .kernel = (enum cramfs_kernel)((image.super.edition & 3) % 3)};
    if (cramfs_survey(&image, &listener, &survey) == 0)
        cramfs_check(&image, &survey, &options, &listener);
    cramfs_survey_free(&survey);
    cramfs_image_close(&image);
    fclose(report.out);
    return 0;
}
