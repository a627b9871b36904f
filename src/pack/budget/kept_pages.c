#include "pack/budget/kept_pages.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "cramfs/block.h"
#include "pack/blocks/older_entries.h"

struct keeping_pages {
    struct candidates *candidates;
    uint64_t *at;      /* by candidate: where the first of its kept pages is in the older image */
    uint32_t *runs;    /* by candidate: length of the run that its kept pages are part of */
    uint32_t *longest; /* by page of the older image: length of the longest kept run with it */
};

/* How many pages of the mapping, from its first on, are one run in place in the older image. */
static uint32_t count_kept(const struct candidates *candidates, const struct candidate *candidate,
                           const struct cramfs_like_entry *entry, uint64_t *at)
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
        if (!count)
            *at = block.offset;
        if (block.offset != *at + (uint64_t)count * like->page_size)
            break;
        count++;
    }
    /* Without an MMU a mapping is in place as a whole, or not at all. */
    return table.unaligned && count < candidate->pages ? 0 : count;
}

static void mark_kept(const struct keeping_pages *keeping, uint32_t content,
                      const struct cramfs_like_entry *entry)
{
    struct candidates *candidates = keeping->candidates;
    for (size_t i = candidates->first_candidate[content];
         i < candidates->first_candidate[content + 1]; i++) {
        struct candidate *candidate = &candidates->list[i];
        uint64_t at = 0;
        uint32_t count = count_kept(candidates, candidate, entry, &at);
        if (count > candidate->kept) {
            candidate->kept = count;
            keeping->at[i] = at;
        }
    }
}

static void mark_all(const struct keeping_pages *keeping, const uint32_t *entries)
{
    const struct candidates *candidates = keeping->candidates;
    for (uint32_t i = 0; i < candidates->tree->nodes_count; i++) {
        uint32_t content = candidates->encoded->content_of_node[i];
        if (content == NO_CONTENT || !candidates->leads[i] || entries[i] == NO_OLDER_ENTRY)
            continue;
        const struct cramfs_like_entry *entry = &candidates->options->like->entries[entries[i]];
        if (entry->usable && S_ISREG(entry->inode.mode) && entry->inode.size && entry->inode.offset)
            mark_kept(keeping, content, entry);
    }
}

/* Whether the next candidate's kept pages continue the run of the kept pages of this one. */
static bool is_continued(const struct keeping_pages *keeping, size_t number)
{
    const struct candidates *candidates = keeping->candidates;
    const struct candidate *candidate = &candidates->list[number];
    const struct candidate *next = candidate + 1;
    uint64_t length = (uint64_t)candidate->kept * candidates->options->page_size;
    return number + 1 < candidates->list_count && next->content == candidate->content &&
           candidate->kept && next->kept && candidate->kept == candidate->pages &&
           next->first_page == candidate->first_page + candidate->pages &&
           keeping->at[number + 1] == keeping->at[number] + length;
}

/* A run goes through the segments of a file that follow each other. */
static void find_runs(const struct keeping_pages *keeping)
{
    const struct candidates *candidates = keeping->candidates;
    for (size_t i = 0, end; i < candidates->list_count; i = end) {
        uint32_t length = candidates->list[i].kept;
        for (end = i + 1; is_continued(keeping, end - 1); end++)
            length += candidates->list[end].kept;
        for (size_t j = i; j < end; j++)
            keeping->runs[j] = length;
    }
}

/*
 * Finds the candidates whose kept pages are all part of longer runs of other candidates. The older
 * image had the pages in place for the other candidates, and perhaps this one shared them at no
 * cost. Without an MMU nothing is shared.
 */
static void find_alone(const struct keeping_pages *keeping)
{
    struct candidates *candidates = keeping->candidates;
    uint32_t page_size = candidates->options->page_size;
    for (size_t i = 0; i < candidates->list_count; i++) {
        for (uint32_t j = 0; j < candidates->list[i].kept; j++) {
            uint32_t *longest = &keeping->longest[keeping->at[i] / page_size + j];
            *longest = keeping->runs[i] > *longest ? keeping->runs[i] : *longest;
        }
    }
    for (size_t i = 0; i < candidates->list_count; i++) {
        struct candidate *candidate = &candidates->list[i];
        bool shared = candidate->kept && candidates->options->kernel != CRAMFS_KERNEL_NOMMU;
        for (uint32_t j = 0; j < candidate->kept; j++)
            shared &= keeping->longest[keeping->at[i] / page_size + j] > keeping->runs[i];
        candidate->kept_alone = shared ? 0 : candidate->kept;
    }
}

int kept_pages_find(struct candidates *candidates)
{
    const struct cramfs_like *like = candidates->options->like;
    if (!like)
        return 0;
    uint64_t pages = like->reader->size / like->page_size + 2;
    uint32_t *entries = older_entries(like, candidates->tree);
    struct keeping_pages keeping = {
        .candidates = candidates,
        .at = calloc(candidates->list_count + 1, sizeof(*keeping.at)),
        .runs = calloc(candidates->list_count + 1, sizeof(*keeping.runs)),
        .longest = calloc((size_t)pages, sizeof(*keeping.longest)),
    };
    int error = entries && keeping.at && keeping.runs && keeping.longest ? 0 : -CRAMFS_ERR_MEMORY;
    if (!error) {
        mark_all(&keeping, entries);
        find_runs(&keeping);
        find_alone(&keeping);
    }
    free(entries);
    free(keeping.at);
    free(keeping.runs);
    free(keeping.longest);
    return error;
}
