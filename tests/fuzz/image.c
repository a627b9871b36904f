/*
 * An image through reader, walk and survey, in every page size: their results are inside the image,
 * and no larger than its bytes allow.
 */
#include "fuzz.h"

#include "cramfs/survey.h"

static void expect_entries(const struct cramfs_image *image, const struct cramfs_entries *entries)
{
    FUZZ_EXPECT(entries->list_count >= 1);
    FUZZ_EXPECT(entries->list_count <= 1 + image->reader.size / CRAMFS_INODE_SIZE);
    for (uint32_t i = 0; i < entries->list_count; i++) {
        const struct cramfs_entry *entry = &entries->list[i];
        FUZZ_EXPECT(i == 0 ? entry->parent == CRAMFS_NO_ENTRY : entry->parent < i);
        char path[300];
        size_t length = cramfs_entry_path(entries, i, path, sizeof(path));
        FUZZ_EXPECT(length >= 1 && length < sizeof(path) && path[length] == '\0');
    }
}

static void expect_extents(const struct cramfs_image *image, const struct cramfs_survey *survey)
{
    const struct cramfs_extents *extents = &survey->extents;
    uint64_t before = 0;
    for (size_t i = 0; i < extents->list_count; i++) {
        const struct cramfs_extent *extent = &extents->list[i];
        FUZZ_EXPECT(extent->offset >= before);
        FUZZ_EXPECT(extent->length > 0);
        FUZZ_EXPECT(extent->owner < survey->entries.list_count);
        if (extent->kind != CRAMFS_EXTENT_BOOT && extent->kind != CRAMFS_EXTENT_SUPER)
            FUZZ_EXPECT(cramfs_image_bytes(image, extent->offset, extent->length));
        before = extent->offset;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    for (const uint32_t *page_size = fuzz_page_sizes; *page_size; page_size++) {
        struct cramfs_image image;
        if (!fuzz_open_image(bytes, size, *page_size, &image))
            return 0;
        FUZZ_EXPECT(image.reader.size <= size);
        struct cramfs_survey survey;
        if (cramfs_survey(&image, NULL, &survey) == 0) {
            expect_entries(&image, &survey.entries);
            expect_extents(&image, &survey);
        }
        cramfs_survey_free(&survey);
        cramfs_image_close(&image);
    }
    return 0;
}
