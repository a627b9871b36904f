/*
 * Pages in place that several inodes have. On a kernel with an MMU that saves flash. A kernel
 * without one keeps direct mappings by address, and panics when another inode's mapping is there.
 */
#include <inttypes.h>
#include <sys/stat.h>

#include "read/check/check.h"
#include "read/first_pages.h"
#include "read/report_finding.h"

struct check_sharing {
    const struct checking *checking;
    struct first_pages pages;
};

static int check_file(struct check_sharing *sharing, uint32_t entry)
{
    const struct checking *checking = sharing->checking;
    struct cramfs_table table =
        cramfs_image_table(checking->image, &checking->survey->entries.list[entry].inode);
    uint32_t blocks = cramfs_block_count(table.size, table.page_size);
    for (uint32_t i = 0; i < blocks; i++) {
        struct cramfs_block block;
        cramfs_block_locate(&table, i, &block);
        if (block.fault || block.kind != CRAMFS_BLOCK_STORED || !block.direct)
            continue;
        uint32_t owner;
        bool added;
        int error = first_pages_add(&sharing->pages, block.offset, entry, &owner, &added);
        if (error)
            return error;
        if (owner != entry) {
            char path[CRAMFS_PATH_SIZE];
            char shown[128];
            size_t length =
                cramfs_entry_path(&checking->survey->entries, owner, path, sizeof(path));
            report_finding(checking->listener, CRAMFS_RULE_IN_PLACE_SHARED,
                           in_block(entry, i, block.offset), "%s has the same page in place",
                           cramfs_escape(path, length, shown, sizeof(shown)));
            return 0; /* one finding for each file */
        }
    }
    return 0;
}

int check_sharing(const struct checking *checking)
{
    struct check_sharing sharing = {.checking = checking};
    const struct cramfs_survey *survey = checking->survey;
    int error = 0;
    if (checking->options->kernel != CRAMFS_KERNEL_NOMMU)
        return 0;
    for (uint32_t i = 0; !error && i < survey->entries.list_count; i++) {
        /* Other names of an inode are that inode, and nothing maps a link. */
        if (survey->inode[i] == i && S_ISREG(survey->entries.list[i].inode.mode))
            error = check_file(&sharing, i);
    }
    first_pages_free(&sharing.pages);
    return error;
}
