/*
 * The XIP report of an image, as text and as JSON. Bits 0 and 1 of the superblock's edition, which
 * nothing else reads, are the kernel, and the other bits the physical address; 0 means any aligned
 * address.
 */
#include "fuzz.h"

#include "cramfs/xip_gate.h"
#include "cramfs/xip_report.h"

static void expect_sums(const struct cramfs_xip_report *report)
{
    uint64_t ram = 0;
    uint64_t flash = 0;
    for (size_t i = 0; i < report->files_count; i++) {
        ram += report->files[i].ram_saved_bytes;
        flash += report->files[i].flash_cost_bytes;
    }
    FUZZ_EXPECT(ram == report->ram_saved_bytes);
    FUZZ_EXPECT(flash == report->flash_cost_bytes);
}

static void expect_report(const struct cramfs_xip_report *report)
{
    expect_sums(report);
    for (size_t i = 0; i < report->files_count; i++) {
        const struct cramfs_xip_file *file = &report->files[i];
        FUZZ_EXPECT(file->direct_pages <= file->possible_pages);
        FUZZ_EXPECT(file->possible_pages <= file->whole.pages);
        char buffer[64];
        bool has_reason = cramfs_xip_lost_reason(report, file, buffer, sizeof(buffer)) != NULL;
        FUZZ_EXPECT(has_reason == (cramfs_xip_lost_pages(file) > 0));
        FUZZ_EXPECT(file->mappings_count <= report->mappings_count);
        FUZZ_EXPECT(file->first_mapping <= report->mappings_count - file->mappings_count);
    }
    for (size_t i = 0; i < report->mappings_count; i++) {
        const struct cramfs_prediction *found = &report->mappings[i].predicted;
        FUZZ_EXPECT(found->direct_pages <= found->pages);
    }
    FUZZ_EXPECT(report->direct_pages <= report->possible_pages);
    FUZZ_EXPECT(report->possible_pages <= report->pages);
}

/*
 * If anything is lost, the demand on the image is not met; globs need not match names in these
 * images.
 */
static void expect_gate(const struct cramfs_survey *survey, const struct cramfs_xip_report *report,
                        FILE *out)
{
    struct cramfs_xip_demand some = {.glob.pattern = "/*/[a-m]*", .percent = 50};
    const struct cramfs_xip_gate demanding = {.demands = &some, .demands_count = 1};
    const struct cramfs_xip_gate whole = {.min_direct = 100};
    uint64_t shortfalls;
    if (cramfs_xip_gate_check(&demanding, "image", survey, report, out, &shortfalls) != 0 ||
        cramfs_xip_gate_check(&whole, "image", survey, report, out, &shortfalls) != 0)
        return;
    bool falls_short = !report->possible_pages || report->direct_pages < report->possible_pages;
    FUZZ_EXPECT(shortfalls == falls_short);
    cramfs_xip_gate_json(&demanding, survey, report, out);
}

static void report(const struct cramfs_image *image, const struct cramfs_survey *survey)
{
    uint32_t edition = image->super.edition;
    uint64_t address = edition & ~3u ? edition & ~3u : CRAMFS_ANY_ADDRESS;
    struct cramfs_xip_report xip;
    if (cramfs_xip_report(image, survey, address, (enum cramfs_kernel)((edition & 3) % 3), &xip) ==
        0) {
        expect_report(&xip);
        FILE *out = fuzz_nowhere();
        struct cramfs_xip_print_options options = {
            .verbose = edition & 4, .colours = edition & 8, .columns = edition >> 4 & 127};
        cramfs_xip_report_print(image, survey, &xip, &options, out);
        cramfs_xip_report_json(image, survey, &xip, out);
        expect_gate(survey, &xip, out);
        fclose(out);
    }
    cramfs_xip_report_free(&xip);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct cramfs_image image;
    if (!fuzz_open_image(bytes, size, fuzz_page_size(bytes, size), &image))
        return 0;
    struct cramfs_survey survey;
    if (cramfs_survey(&image, NULL, &survey) == 0)
        report(&image, &survey);
    cramfs_survey_free(&survey);
    cramfs_image_close(&image);
    return 0;
}
