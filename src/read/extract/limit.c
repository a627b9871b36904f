#include "read/extract/limit.h"

#include <inttypes.h>
#include <sys/stat.h>

#include "base/remedy.h"

int extract_limit_check(const struct cramfs_survey *survey, const bool *skipped, uint64_t max_bytes,
                        struct cramfs_diags *diags)
{
    uint64_t bytes = 0;
    uint64_t entries = 0;
    for (uint32_t i = 1; i < survey->entries.list_count; i++) {
        const struct cramfs_inode *inode = &survey->entries.list[i].inode;
        if (skipped && skipped[i])
            continue;
        bytes += S_ISREG(inode->mode) ? inode->size : 0;
        entries++;
    }
    if (bytes > max_bytes)
        return with_remedy(cramfs_fail(diags, CRAMFS_ERR_LIMIT, NULL,
                                       "the files have %" PRIu64
                                       " bytes in all, over the limit of %" PRIu64 " bytes",
                                       bytes, max_bytes),
                           diags, CRAMFS_REMEDY_MAX_EXTRACT, NULL);
    if (entries > max_bytes / CRAMFS_EXTRACT_ENTRY_BYTES)
        return with_remedy(cramfs_fail(diags, CRAMFS_ERR_LIMIT, NULL,
                                       "the %" PRIu64
                                       " files, directories and links count as %" PRIu64
                                       " bytes, %u bytes each, over the limit of %" PRIu64 " bytes",
                                       entries, entries * CRAMFS_EXTRACT_ENTRY_BYTES,
                                       CRAMFS_EXTRACT_ENTRY_BYTES, max_bytes),
                           diags, CRAMFS_REMEDY_MAX_EXTRACT, NULL);
    return 0;
}
