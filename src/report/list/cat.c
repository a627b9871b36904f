#include "cramfs/cat.h"

#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

#include "base/remedy.h"
#include "report/block_reader.h"

struct catting {
    FILE *out;
    const struct cramfs_view *view;
    struct block_reader *reader;
    struct cramfs_diags *diags;
};

static int write_blocks(const struct catting *catting, const struct cramfs_inode *inode,
                        uint32_t *unreadable)
{
    struct cramfs_table table = cramfs_image_table(catting->view->image, inode);
    uint32_t blocks = cramfs_block_count(table.size, table.page_size);
    for (uint32_t i = 0; i < blocks; i++) {
        uint32_t length;
        int error = block_reader_block(catting->reader, catting->view->image, &table, i, &length);
        if (error == -CRAMFS_ERR_MEMORY)
            return error;
        if (error) {
            memset(catting->reader->page, 0, length);
            ++*unreadable;
        }
        if (fwrite(catting->reader->page, 1, length, catting->out) != length)
            return -CRAMFS_ERR_IO;
    }
    return 0;
}

static int cat_entry(const struct catting *catting, uint32_t number)
{
    const struct cramfs_survey *survey = catting->view->survey;
    const struct cramfs_inode *inode = &survey->entries.list[number].inode;
    char path[CRAMFS_PATH_SIZE];
    cramfs_entry_path(&survey->entries, number, path, sizeof(path));
    if (!S_ISREG(inode->mode))
        return cramfs_fail(catting->diags, CRAMFS_ERR_USAGE, path, "is not a regular file");
    if (!inode->size)
        return 0;
    if (!cramfs_survey_has_blocks(survey, number))
        return with_remedy(
            cramfs_fail(catting->diags, CRAMFS_ERR_FORMAT, path, "no block of it can be read"),
            catting->diags, CRAMFS_REMEDY_CHECK, NULL);
    uint32_t unreadable = 0;
    int error = write_blocks(catting, inode, &unreadable);
    if (error || !unreadable)
        return error;
    return cramfs_fail(catting->diags, CRAMFS_ERR_FORMAT, path,
                       "%" PRIu32 " of its blocks cannot be read, and are written as zeroes",
                       unreadable);
}

int cramfs_cat(FILE *out, const struct cramfs_view *view, const bool *chosen,
               struct cramfs_diags *diags)
{
    struct catting catting = {out, view, block_reader_create(), diags};
    if (!catting.reader)
        return -CRAMFS_ERR_MEMORY;
    int result = 0;
    for (uint32_t i = 0; i < view->survey->entries.list_count; i++) {
        int error = chosen[i] ? cat_entry(&catting, i) : 0;
        if (error)
            result = error;
        if (error == -CRAMFS_ERR_IO || error == -CRAMFS_ERR_MEMORY)
            break;
    }
    block_reader_free(catting.reader);
    return result;
}
