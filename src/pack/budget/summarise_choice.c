#include "pack/budget/summarise_choice.h"

#include <stdlib.h>
#include <sys/stat.h>

/*
 * Whether the profile has touches in that page of the inode. Each inode of a content has its own
 * paths.
 */
static bool is_touched(const struct budget_choosing *choosing, uint32_t number, uint32_t page)
{
    const struct candidates *candidates = &choosing->candidates;
    uint32_t index = choosing->encoded->content_of_node[number];
    const struct content *content = &choosing->encoded->contents[index];
    if (candidates->inodes[index] == 1)
        return candidates->gains[content->first_ref + page];
    char *path = cramfs_node_path(choosing->tree->nodes[number]);
    const struct cramfs_profile_file *file =
        path ? cramfs_profile_find(choosing->options->profile, path) : NULL;
    uint32_t page_size = choosing->options->page_size;
    free(path);
    return file && cramfs_profile_touches(file, (uint64_t)page * page_size, page_size);
}

/* The selection of a node that could have pages in place, or NULL. */
static struct cramfs_selection *selection_with_pages(const struct budget_choosing *choosing,
                                                     uint32_t number)
{
    if (choosing->encoded->content_of_node[number] == NO_CONTENT ||
        !S_ISREG(choosing->tree->nodes[number]->mode))
        return NULL;
    struct cramfs_selection *selection = selection_of(choosing->encoded, number);
    return selection->reason == CRAMFS_SELECTED ? selection : NULL;
}

/* The result for one file. Its flash_cost is an estimate, and not yet a share. */
static void summarise_node(struct budget_choosing *choosing, uint32_t number,
                           struct cramfs_budget_summary *summary)
{
    const struct candidates *candidates = &choosing->candidates;
    struct cramfs_selection *selection = selection_with_pages(choosing, number);
    if (!selection)
        return;
    uint32_t index = choosing->encoded->content_of_node[number];
    const struct content *content = &choosing->encoded->contents[index];
    uint32_t possible = selection->pages;
    selection->pages = 0;
    for (uint32_t i = 0; i < content->refs_count; i++) {
        size_t ref = content->first_ref + i;
        if (!candidates->taken[ref])
            continue;
        selection->pages++;
        if (choosing->options->profile && candidates->leads[number])
            summary->touched_pages += is_touched(choosing, number, i);
        if (candidates->first_node[index] == number)
            selection->flash_cost += candidates_page_cost(candidates, index, ref);
    }
    if (!candidates->leads[number])
        return;
    selection->ram_saved = (uint64_t)selection->pages * choosing->options->page_size;
    summary->pages += selection->pages;
    summary->left_pages += possible - selection->pages;
}

/*
 * Only the layout knows what padding and pointers cost, and only for all files together. So each
 * file gets a share of the whole in proportion to its estimate. Each share is the difference of two
 * rounded sums, so the shares add up to the whole.
 */
static void share_cost(struct budget_choosing *choosing, uint64_t cost)
{
    uint32_t nodes = choosing->tree->nodes_count;
    uint64_t all = 0;
    uint64_t sum = 0;
    uint64_t shared = 0;
    unsigned shift = 0;
    for (uint32_t i = 0; i < nodes; i++) {
        const struct cramfs_selection *selection = selection_with_pages(choosing, i);
        all += selection ? selection->flash_cost : 0;
    }
    while (all >> shift >= (uint64_t)1 << 31)
        shift++;
    for (uint32_t i = 0; i < nodes; i++) {
        struct cramfs_selection *selection = selection_with_pages(choosing, i);
        if (!selection)
            continue;
        sum += selection->flash_cost;
        uint64_t until = all >> shift       ? (sum >> shift) * cost / (all >> shift)
                         : selection->pages ? cost /* pages that cost nothing but padding */
                                            : shared;
        selection->flash_cost = until - shared;
        shared = until;
    }
}

static void summarise_next_step(const struct budget_choosing *choosing,
                                struct cramfs_budget_summary *summary)
{
    const struct candidates *candidates = &choosing->candidates;
    for (size_t i = 0; i < candidates->steps_count; i++) {
        const struct budget_step *step = &candidates->steps[i];
        const struct candidate *candidate = &candidates->list[step->candidate];
        if (candidate->taken < step->from || candidate->taken >= step->to)
            continue;
        struct worth worth = curve_between(candidate->curve, candidate->taken, step->to);
        summary->next_node = candidate->first_node;
        summary->next_offset =
            ((uint64_t)candidate->first_page + candidate->taken) * choosing->options->page_size;
        summary->next_pages = step->to - candidate->taken;
        summary->next_cost = worth.cost;
        return;
    }
}

void summarise_choice(struct budget_choosing *choosing, uint64_t cost,
                      struct cramfs_budget_summary *summary)
{
    *summary = (struct cramfs_budget_summary){
        .cost = cost, .full_cost = choosing->all.cost, .bare_size = choosing->bare_size};
    if (choosing->candidates.must_steps)
        summary->must_cost = choosing->must.cost;
    for (uint32_t i = 0; i < choosing->tree->nodes_count; i++)
        summarise_node(choosing, i, summary);
    share_cost(choosing, cost);
    for (uint32_t i = 0; i < choosing->tree->nodes_count; i++) {
        struct cramfs_selection *selection = selection_with_pages(choosing, i);
        if (selection && !selection->pages)
            selection->reason = CRAMFS_SELECTION_NOT_WORTH;
    }
    summarise_next_step(choosing, summary);
}
