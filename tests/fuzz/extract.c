/*
 * All files of an image into memory, as the extractor reads them. (The extractor proper writes to
 * the file system and nowhere else; tests/bad tests its names and links.) Images that the checker
 * finds sound must be readable.
 */
#include "fuzz.h"

#include <stdlib.h>

#include "cramfs/check.h"

/* Of all files together: many that share one hole of 16 MiB would only take time. */
enum { MOST_BYTES = 20 << 20 };

/* An inode that another entry shares was checked with the size of that other entry only. */
static void note_unsound(void *context, const struct cramfs_finding *finding)
{
    if (cramfs_rule_info(finding->rule)->severity == CRAMFS_FINDING_ERROR ||
        finding->rule == CRAMFS_RULE_SHARED_INODE)
        *(bool *)context = false;
}

static void read_files(const struct cramfs_image *image, const struct cramfs_survey *survey,
                       struct cramfs_inflater *inflater, bool sound)
{
    uint64_t total = 0;
    for (uint32_t i = 0; i < survey->entries.list_count; i++) {
        const struct cramfs_inode *inode = &survey->entries.list[i].inode;
        if (!cramfs_survey_has_blocks(survey, i) || total + inode->size > MOST_BYTES)
            continue;
        total += inode->size;
        unsigned char *file;
        int error = cramfs_image_read_file(image, inode, inflater, &file);
        if (!error)
            free(file);
        FUZZ_EXPECT(!sound || error != -CRAMFS_ERR_FORMAT);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct cramfs_image image;
    if (!fuzz_open_image(bytes, size, fuzz_page_size(bytes, size), &image))
        return 0;
    bool sound = true;
    const struct cramfs_listener listener = {note_unsound, &sound};
    struct cramfs_inflater *inflater = cramfs_inflater_create();
    const struct cramfs_check_options options = {.jobs = 1};
    struct cramfs_survey survey;
    if (inflater && cramfs_survey(&image, &listener, &survey) == 0 &&
        cramfs_check(&image, &survey, &options, &listener) == 0)
        read_files(&image, &survey, inflater, sound);
    cramfs_survey_free(&survey);
    cramfs_image_close(&image);
    cramfs_inflater_free(inflater);
    return 0;
}
