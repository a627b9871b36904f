/*
 * What is said of an image: the XIP report as text and JSON, and the listings of cramfs-dump. The
 * physical address that is assumed is the superblock's edition, which nothing else looks at; 0
 * there is any aligned one.
 */
#include "fuzz.h"

#include "cramfs/listing.h"
#include "cramfs/xip_report.h"

static void expect_report(const struct cramfs_xip_report *report)
{
    for (size_t i = 0; i < report->files_count; i++) {
        const struct cramfs_xip_file *file = &report->files[i];
        FUZZ_EXPECT(file->direct_pages <= file->whole.pages);
        FUZZ_EXPECT(file->mappings_count <= report->mappings_count);
        FUZZ_EXPECT(file->first_mapping <= report->mappings_count - file->mappings_count);
    }
    for (size_t i = 0; i < report->mappings_count; i++) {
        const struct cramfs_prediction *found = &report->mappings[i].predicted;
        FUZZ_EXPECT(found->direct_pages <= found->pages);
        FUZZ_EXPECT((found->reason == CRAMFS_REASON_NONE) == (found->direct_pages == found->pages));
    }
}

static void report(const struct cramfs_image *image, const struct cramfs_survey *survey, FILE *out)
{
    uint64_t address = image->super.edition ? image->super.edition : CRAMFS_ANY_ADDRESS;
    struct cramfs_xip_report xip;
    if (cramfs_xip_report(image, survey, address, CRAMFS_KERNEL_MMU, &xip) == 0) {
        expect_report(&xip);
        cramfs_xip_report_print(image, survey, &xip, out);
        cramfs_xip_report_json(image, survey, &xip, out);
    }
    cramfs_xip_report_free(&xip);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct cramfs_image image;
    if (!fuzz_open_image(bytes, size, fuzz_page_size(bytes, size), &image))
        return 0;
    FILE *out = fuzz_nowhere();
    struct cramfs_survey survey;
    if (cramfs_survey(&image, NULL, &survey) == 0) {
        report(&image, &survey, out);
        cramfs_print_super(out, &image);
        cramfs_extents_merge(&survey.extents);
        cramfs_print_extents(out, &survey.extents, image.reader.size, cramfs_survey_owner_path,
                             &survey);
    }
    cramfs_survey_free(&survey);
    fclose(out);
    return 0;
}
