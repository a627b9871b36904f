/*
 * All files of an image into memory, as the extractor reads them. (The extractor proper writes to
 * the file system and nowhere else; tests/bad tests its names and links.) Images that the checker
 * finds sound must be readable.
 */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "cramfs/check.h"
#include "read/inflated.h"

/*
 * Of all files together: many that share one hole of 16 MiB would only take time. And of what the
 * check keeps.
 */
enum { MOST_BYTES = 20 << 20, MOST_KEPT = 2 << 20 };

/* An inode that another entry shares was checked with the size of that other entry only. */
static void note_unsound(void *context, const struct cramfs_finding *finding)
{
    if (cramfs_rule_info(finding->rule)->severity == CRAMFS_FINDING_ERROR ||
        finding->rule == CRAMFS_RULE_SHARED_INODE)
        *(bool *)context = false;
}

/* A block that the check kept has the bytes that reading the file gives. */
static void compare_kept(const struct cramfs_image *image, const struct cramfs_survey *survey,
                         const struct cramfs_inflated *inflated, uint32_t entry,
                         const unsigned char *file)
{
    struct cramfs_table table = cramfs_image_table(image, &survey->entries.list[entry].inode);
    uint32_t blocks = cramfs_block_count(table.size, table.page_size);
    size_t next = 0;
    for (uint32_t i = 0; i < blocks; i++) {
        struct cramfs_block block;
        cramfs_block_locate(&table, i, &block);
        const unsigned char *kept =
            inflated_find(inflated, &table, i, &block, block.file_bytes, &next);
        FUZZ_EXPECT(!kept ||
                    memcmp(kept, file + (size_t)i * table.page_size, block.file_bytes) == 0);
    }
}

static void read_files(const struct cramfs_image *image, const struct cramfs_survey *survey,
                       const struct cramfs_inflated *inflated, struct cramfs_inflater *inflater,
                       bool sound)
{
    uint64_t total = 0;
    for (uint32_t i = 0; i < survey->entries.list_count; i++) {
        const struct cramfs_inode *inode = &survey->entries.list[i].inode;
        if (!cramfs_survey_has_blocks(survey, i) || total + inode->size > MOST_BYTES)
            continue;
        total += inode->size;
        unsigned char *file;
        int error = cramfs_image_read_file(image, inode, inflater, &file);
        if (!error) {
            compare_kept(image, survey, inflated, i, file);
            free(file);
        }
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
    struct cramfs_inflated *inflated = cramfs_inflated_create(MOST_KEPT);
    const struct cramfs_check_options options = {.jobs = 1, .inflated = inflated};
    struct cramfs_survey survey;
    if (inflater && cramfs_survey(&image, &listener, &survey) == 0 &&
        cramfs_check(&image, &survey, &options, &listener) == 0)
        read_files(&image, &survey, inflated_of(inflated, &survey), inflater, sound);
    cramfs_inflated_free(inflated);
    cramfs_survey_free(&survey);
    cramfs_image_close(&image);
    cramfs_inflater_free(inflater);
    return 0;
}
