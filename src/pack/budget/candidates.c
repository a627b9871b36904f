#include "pack/budget/candidates.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/array.h"
#include "base/saturate.h"
#include "pack/layout/inodes.h"

static const struct content *content_of(const struct candidates *candidates, uint32_t content)
{
    return &candidates->encoded->contents[content];
}

static uint64_t touches(const struct candidates *candidates, const struct cramfs_profile_file *file,
                        uint32_t page)
{
    uint32_t page_size = candidates->options->page_size;
    return file ? cramfs_profile_touches(file, (uint64_t)page * page_size, page_size) : 0;
}

/*
 * Adds the gains of one name. Without a profile each inode saves its own pages; with one, the
 * touches of all names add up.
 */
static int add_name(struct candidates *candidates, const struct cramfs_node *node,
                    bool first_of_inode)
{
    uint32_t number = candidates->encoded->content_of_node[node->number];
    const struct content *content = content_of(candidates, number);
    const struct cramfs_profile *profile = candidates->options->profile;
    const struct cramfs_profile_file *file = NULL;
    if (profile) {
        char *path = cramfs_node_path(node);
        if (!path)
            return -CRAMFS_ERR_MEMORY;
        file = cramfs_profile_find(profile, path);
        free(path);
    }
    if (file && cramfs_profile_processes(file) > candidates->processes[number])
        candidates->processes[number] = cramfs_profile_processes(file);
    for (uint32_t i = 0; i < content->refs_count; i++)
        saturating_add(&candidates->gains[content->first_ref + i],
                       profile ? touches(candidates, file, i) : first_of_inode);
    return 0;
}

struct wanted_inode {
    const struct candidates *candidates;
    const struct cramfs_node *node;
    uint32_t content;
};

static bool is_inode(void *context, uint32_t number)
{
    const struct wanted_inode *wanted = context;
    return wanted->candidates->encoded->content_of_node[number] == wanted->content &&
           same_inode(wanted->candidates->tree->nodes[number], wanted->node);
}

static int count_names(struct candidates *candidates)
{
    const struct encoded_tree *encoded = candidates->encoded;
    struct hash_index inodes = {0};
    int error = 0;
    for (uint32_t i = 0; !error && i < candidates->tree->nodes_count; i++) {
        uint32_t content = candidates->encoded->content_of_node[i];
        const struct cramfs_node *node = candidates->tree->nodes[i];
        if (content == NO_CONTENT || !content_of(candidates, content)->mappings_count)
            continue;
        uint32_t cuts =
            S_ISREG(node->mode) ? encoded->decisions[encoded->decision_of_node[i]].most_cuts : 0;
        if (!candidates->inodes[content])
            candidates->first_node[content] = i;
        if (!candidates->inodes[content] || cuts < candidates->most_cuts[content])
            candidates->most_cuts[content] = cuts;
        uint64_t hash = inode_hash(content, node);
        uint32_t other;
        struct wanted_inode wanted = {candidates, node, content};
        bool first = !hash_index_find(&inodes, hash, is_inode, &wanted, &other);
        if (first)
            error = hash_index_add(&inodes, hash, i);
        candidates->inodes[content] += first;
        candidates->leads[i] = first;
        if (!error)
            error = add_name(candidates, node, first);
    }
    hash_index_free(&inodes);
    return error;
}

/*
 * Without an MMU each inode has its own copy of a page in place. If another ref needs the normal
 * block, too, that block stays in the image, and the page in place frees nothing.
 */
uint64_t candidates_page_cost(const struct candidates *candidates, uint32_t content, size_t ref)
{
    uint64_t cost = candidates->options->page_size;
    if (candidates->options->kernel == CRAMFS_KERNEL_NOMMU)
        cost *= candidates->inodes[content];
    uint32_t block = candidates->normal[ref];
    if (block == REF_HOLE || candidates->uses[block] > 1)
        return cost;
    uint64_t freed = candidates->encoded->store.blocks[block].length;
    return freed < cost ? cost - freed : 0;
}

static void count_uses(struct candidates *candidates)
{
    for (size_t i = 0; i < candidates->encoded->refs_count; i++) {
        uint32_t block = candidates->normal[i];
        if (block != REF_HOLE)
            candidates->uses[block]++;
    }
}

static size_t first_ref(const struct candidates *candidates, const struct candidate *candidate)
{
    return content_of(candidates, candidate->content)->first_ref + candidate->first_page;
}

void candidates_visit_joined(struct candidates *candidates, const struct candidate *candidate,
                             visit_ref *visit, void *context)
{
    size_t number = (size_t)(candidate - candidates->list);
    size_t first = candidates->first_candidate[candidate->content];
    candidates->round++;
    candidates->visited[number] = candidates->round;
    for (size_t i = number + 1; i-- > first;) {
        if (candidates->visited[i] != candidates->round)
            continue;
        for (size_t j = 0; j < 2; j++)
            candidates->visited[i - candidates->list[i].joins[j]] = candidates->round;
        if (i != number)
            visit(candidates, candidate->content, first_ref(candidates, &candidates->list[i]),
                  context);
    }
}

/* Whether the mapping can be direct: not if it continues a mapping that never is. */
static bool can_be_direct(const struct candidates *candidates, const struct candidate *candidate)
{
    for (size_t i = 0; i < 2; i++) {
        if (candidate->joins[i] &&
            !candidates->list[candidates->list_count - candidate->joins[i]].pages)
            return false;
    }
    return true;
}

static int add_candidate(struct candidates *candidates, uint32_t number,
                         const struct cramfs_mapping *mapping)
{
    const struct content *content = content_of(candidates, number);
    struct candidate candidate = {
        .content = number,
        .first_node = candidates->first_node[number],
        .first_page = (uint32_t)(mapping->offset / candidates->options->page_size),
        .offset = mapping->offset,
        .joins = {mapping->joins[0], mapping->joins[1]},
    };
    while (
        can_be_direct(candidates, &candidate) && candidate.pages < mapping->kept_pages &&
        candidate.first_page + candidate.pages < content->refs_count &&
        candidates->encoded->placed[content->first_ref + candidate.first_page + candidate.pages] !=
            NO_BLOCK)
        candidate.pages++;
    candidate.curve = calloc(candidate.pages + 1, sizeof(*candidate.curve));
    candidate.next = calloc(candidate.pages + 1, sizeof(*candidate.next));
    if (!candidate.curve || !candidate.next || !ARRAY_GROW(candidates, list)) {
        free(candidate.curve);
        free(candidate.next);
        return -CRAMFS_ERR_MEMORY;
    }
    candidates->list[candidates->list_count++] = candidate;
    return 0;
}

/* A rule for one name decides for the content, and so for all names with that content. */
static void mark_must(struct candidates *candidates)
{
    for (uint32_t i = 0; i < candidates->tree->nodes_count; i++) {
        uint32_t content = candidates->encoded->content_of_node[i];
        if (content == NO_CONTENT || !candidates->tree->nodes[i]->xip_must)
            continue;
        for (size_t j = candidates->first_candidate[content];
             j < candidates->first_candidate[content + 1]; j++)
            candidates->list[j].must = candidates->list[j].pages;
    }
}

static int add_candidates(struct candidates *candidates)
{
    const struct encoded_tree *encoded = candidates->encoded;
    int error = 0;
    for (uint32_t i = 0; !error && i < encoded->contents_count; i++) {
        const struct content *content = &encoded->contents[i];
        candidates->first_candidate[i] = candidates->list_count;
        for (size_t j = 0; !error && j < content->mappings_count; j++)
            error = add_candidate(candidates, i, &encoded->mappings[content->first_mapping + j]);
    }
    candidates->first_candidate[encoded->contents_count] = candidates->list_count;
    return error;
}

static void mark_joined(struct candidates *candidates, uint32_t content, size_t ref, void *context)
{
    (void)content;
    candidates->taken[ref] += *(const bool *)context ? UINT32_MAX : 1;
}

void candidates_mark(struct candidates *candidates, const struct candidate *candidate,
                     uint32_t from, uint32_t to, bool back)
{
    size_t first = first_ref(candidates, candidate);
    if (from == 0 && to > 0)
        candidates_visit_joined(candidates, candidate, mark_joined, &back);
    for (uint32_t i = from; i < to; i++)
        candidates->taken[first + i] += back ? UINT32_MAX : 1;
}

void candidates_take(struct candidates *candidates, size_t count)
{
    memset(candidates->taken, 0, candidates->encoded->refs_count * sizeof(*candidates->taken));
    for (size_t i = 0; i < candidates->list_count; i++)
        candidates->list[i].taken = 0;
    for (size_t i = 0; i < count; i++) {
        const struct budget_step *step = &candidates->steps[i];
        struct candidate *candidate = &candidates->list[step->candidate];
        candidate->taken = step->to;
        candidates_mark(candidates, candidate, step->from, step->to, false);
    }
}

static size_t most_candidates(const struct encoded_tree *encoded)
{
    size_t count = 0;
    for (size_t i = 0; i < encoded->contents_count; i++)
        count += encoded->contents[i].mappings_count;
    return count;
}

static int prepare(struct candidates *candidates)
{
    const struct encoded_tree *encoded = candidates->encoded;
    size_t contents = encoded->contents_count + 1;
    size_t refs = encoded->refs_count + 1;
    candidates->inodes = calloc(contents, sizeof(*candidates->inodes));
    candidates->first_node = calloc(contents, sizeof(*candidates->first_node));
    candidates->first_candidate = calloc(contents, sizeof(*candidates->first_candidate));
    candidates->most_cuts = calloc(contents, sizeof(*candidates->most_cuts));
    candidates->processes = calloc(contents, sizeof(*candidates->processes));
    candidates->leads = calloc(candidates->tree->nodes_count, sizeof(*candidates->leads));
    candidates->uses = calloc(encoded->store.blocks_count + 1, sizeof(*candidates->uses));
    candidates->gains = calloc(refs, sizeof(*candidates->gains));
    candidates->taken = calloc(refs, sizeof(*candidates->taken));
    candidates->normal = calloc(refs, sizeof(*candidates->normal));
    candidates->visited = calloc(most_candidates(encoded) + 1, sizeof(*candidates->visited));
    if (!candidates->visited || !candidates->processes || !candidates->most_cuts ||
        !candidates->inodes || !candidates->first_node || !candidates->first_candidate ||
        !candidates->leads || !candidates->uses || !candidates->gains || !candidates->taken ||
        !candidates->normal)
        return -CRAMFS_ERR_MEMORY;
    if (encoded->refs_count)
        memcpy(candidates->normal, encoded->refs, encoded->refs_count * sizeof(*encoded->refs));
    count_uses(candidates);
    return 0;
}

int candidates_find(const struct cramfs_tree *tree, const struct cramfs_plan_options *options,
                    struct encoded_tree *encoded, struct candidates *candidates)
{
    *candidates = (struct candidates){.tree = tree, .options = options, .encoded = encoded};
    int error = prepare(candidates);
    if (!error)
        error = count_names(candidates);
    if (!error)
        error = add_candidates(candidates);
    if (!error)
        mark_must(candidates);
    return error;
}

void candidates_free(struct candidates *candidates)
{
    for (size_t i = 0; i < candidates->list_count; i++) {
        free(candidates->list[i].curve);
        free(candidates->list[i].next);
    }
    free(candidates->list);
    free(candidates->heap);
    free(candidates->steps);
    free(candidates->inodes);
    free(candidates->first_node);
    free(candidates->first_candidate);
    free(candidates->leads);
    free(candidates->uses);
    free(candidates->gains);
    free(candidates->taken);
    free(candidates->normal);
    free(candidates->visited);
    free(candidates->most_cuts);
    free(candidates->processes);
}
