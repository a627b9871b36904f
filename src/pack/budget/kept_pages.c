#include "pack/budget/kept_pages.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "cramfs/block.h"
#include "pack/blocks/older_entries.h"

/* How many pages of the mapping, from its first on, the older file has in place. */
static uint32_t count_kept(const struct candidates *candidates, const struct candidate *candidate,
                           const struct cramfs_like_entry *entry)
{
    const struct cramfs_like *like = candidates->options->like;
    const struct cramfs_table table = {
        .reader = like->reader,
        .order = like->order,
        .page_size = like->page_size,
        .offset = entry->inode.offset,
        .size = entry->inode.size,
        .unaligned = candidates->options->kernel == CRAMFS_KERNEL_NOMMU,
    };
    uint32_t blocks = cramfs_block_count(entry->inode.size, like->page_size);
    uint32_t count = 0;
    while (count < candidate->pages && candidate->first_page + count < blocks) {
        struct cramfs_block block;
        cramfs_block_locate(&table, candidate->first_page + count, &block);
        if (block.fault || !cramfs_block_in_place(&table, &block))
            break;
        count++;
    }
    /* Without an MMU a mapping is in place as a whole, or not at all. */
    return table.unaligned && count < candidate->pages ? 0 : count;
}

static void mark_kept(struct candidates *candidates, uint32_t content,
                      const struct cramfs_like_entry *entry)
{
    for (size_t i = candidates->first_candidate[content];
         i < candidates->first_candidate[content + 1]; i++) {
        struct candidate *candidate = &candidates->list[i];
        uint32_t count = count_kept(candidates, candidate, entry);
        candidate->kept = count > candidate->kept ? count : candidate->kept;
    }
}

int kept_pages_find(struct candidates *candidates)
{
    const struct cramfs_like *like = candidates->options->like;
    const struct cramfs_tree *tree = candidates->tree;
    if (!like)
        return 0;
    uint32_t *entries = older_entries(like, tree);
    if (!entries)
        return -CRAMFS_ERR_MEMORY;
    for (uint32_t i = 0; i < tree->nodes_count; i++) {
        uint32_t content = candidates->encoded->content_of_node[i];
        if (content == NO_CONTENT || !candidates->leads[i] || entries[i] == NO_OLDER_ENTRY)
            continue;
        const struct cramfs_like_entry *entry = &like->entries[entries[i]];
        if (entry->usable && S_ISREG(entry->inode.mode) && entry->inode.size && entry->inode.offset)
            mark_kept(candidates, content, entry);
    }
    free(entries);
    return 0;
}
