/*
 * runs-in-place IMAGE: names the programs and libraries of an image whose text the kernel will not
 * map directly, and why; ends with 1 if there are any. An example of the library's reading half:
 * open, survey, report.
 */
#include <stdio.h>

#include "cramfs/xip_report.h"

static int print_shortfall(const struct cramfs_survey *survey, const struct cramfs_xip_file *file,
                           const struct cramfs_xip_mapping *mapping)
{
    uint64_t kept = mapping->asked.kept_pages;
    uint64_t direct = mapping->predicted.direct_pages;
    if (!(mapping->asked.flags & CRAMFS_ELF_EXECUTE) || direct >= kept)
        return 0;
    char path[CRAMFS_PATH_SIZE];
    char reason[64];
    cramfs_entry_path(&survey->entries, file->entry, path, sizeof(path));
    printf("%s: %llu of %llu pages of text in place: %s\n", path, (unsigned long long)direct,
           (unsigned long long)kept,
           cramfs_reason_text(&mapping->predicted, reason, sizeof(reason)));
    return 1;
}

static int print_shortfalls(const struct cramfs_image *image)
{
    struct cramfs_survey survey;
    struct cramfs_xip_report report = {0};
    int found = 0;
    int error = cramfs_survey(image, NULL, &survey);
    if (!error)
        error = cramfs_xip_report(image, &survey, CRAMFS_ANY_ADDRESS, CRAMFS_KERNEL_MMU, &report);
    for (size_t i = 0; !error && i < report.files_count; i++) {
        const struct cramfs_xip_file *file = &report.files[i];
        for (size_t j = 0; j < file->mappings_count; j++)
            found |= print_shortfall(&survey, file, &report.mappings[file->first_mapping + j]);
    }
    cramfs_xip_report_free(&report);
    cramfs_survey_free(&survey);
    return error ? 8 : found;
}

int main(int argc, char **argv)
{
    const struct cramfs_open_options as_found = {0};
    struct cramfs_diags diags = {0};
    struct cramfs_image image;
    if (argc != 2) {
        fprintf(stderr, "usage: runs-in-place IMAGE\n");
        return 16;
    }
    if (cramfs_image_open(argv[1], &as_found, &image, &diags) != 0) {
        fprintf(stderr, "%s: %s\n", argv[1],
                diags.list_count ? diags.list[0].text : "out of memory");
        cramfs_diags_free(&diags);
        return 8;
    }
    int code = print_shortfalls(&image);
    cramfs_image_close(&image);
    return code;
}
