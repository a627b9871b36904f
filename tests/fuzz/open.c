/*
 * A dump in which an image may be anywhere, swapped or not: the scan, opening each image that it
 * finds, and finding out the page size.
 */
#include "fuzz.h"

#include "cramfs/survey.h"

/* A dump may be full of superblocks, and opening each needs a CRC or a copy. */
enum { MOST_IMAGES = 8 };

struct dump {
    const uint8_t *bytes;
    size_t size;
    unsigned found;
    uint64_t last;
};

static void open_at(const struct dump *dump, const struct cramfs_open_options *options)
{
    struct cramfs_image image;
    if (cramfs_image_open_memory(dump->bytes, dump->size, options, &image, NULL) != 0)
        return;
    FUZZ_EXPECT(cramfs_page_size_valid(image.page_size));
    FUZZ_EXPECT(image.offset + image.reader.size <= dump->size);
    FUZZ_EXPECT(image.reader.size <= image.file_size);
    struct cramfs_survey survey;
    cramfs_survey(&image, NULL, &survey);
    cramfs_survey_free(&survey);
    cramfs_image_close(&image);
}

static int found(void *context, const struct cramfs_scanned *scanned)
{
    struct dump *dump = context;
    uint64_t place = scanned->offset + scanned->super_offset;
    FUZZ_EXPECT(scanned->super_offset == 0 || scanned->super_offset == CRAMFS_BOOT_SIZE);
    FUZZ_EXPECT(place + CRAMFS_SUPER_SIZE <= dump->size);
    FUZZ_EXPECT(!dump->found || place > dump->last);
    dump->last = place;
    const struct cramfs_open_options options = {.offset = scanned->offset};
    open_at(dump, &options);
    return ++dump->found == MOST_IMAGES;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct dump dump = {.bytes = bytes, .size = size};
    const struct cramfs_open_options options = {0};
    open_at(&dump, &options);
    cramfs_scan(fuzz_file(bytes, size), found, &dump, NULL);
    return 0;
}
