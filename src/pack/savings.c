#include "pack/savings.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "cramfs/block.h"
#include "pack/plan_parts.h"

#define NOBODY UINT32_MAX

/* Who uses a block, or the pointer table of a file's contents. */
struct users {
    uint32_t node;    /* the smallest part of the tree that has them all; NOBODY */
    uint32_t content; /* the first contents with the block */
    bool several;     /* more than one content has the block */
};

struct counting {
    const struct cramfs_plan *plan;
    const uint64_t *loaded;
    struct plan_saving *savings;
    uint32_t *last;         /* by node: the last number below it */
    struct users *blocks;   /* by block of the store */
    struct users *contents; /* by contents; `content` is the first node */
};

static const struct content *content_of(const struct counting *counting, uint32_t node)
{
    const struct encoded_tree *encoded = &counting->plan->encoded;
    uint32_t number = encoded->content_of_node[node];
    return number == NO_CONTENT ? NULL : &encoded->contents[number];
}

static uint64_t block_bytes(const struct counting *counting, uint32_t block)
{
    const struct encoded_block *found = &counting->plan->encoded.store.blocks[block];
    return found->form == FORM_IN_PLACE ? counting->plan->options.page_size : found->length;
}

/* Goes up only, so a block costs its depth once, however many users it has. */
static void add_user(const struct counting *counting, struct users *users, uint32_t node)
{
    if (users->node == NOBODY)
        users->node = node;
    while (node < users->node || node > counting->last[users->node])
        users->node = counting->plan->tree->nodes[users->node]->parent->number;
}

static void find_ends(struct counting *counting)
{
    const struct cramfs_tree *tree = counting->plan->tree;
    for (uint32_t i = tree->nodes_count; i-- > 0;) {
        if (counting->last[i] < i)
            counting->last[i] = i;
        struct cramfs_node *parent = tree->nodes[i]->parent;
        if (parent && counting->last[parent->number] < counting->last[i])
            counting->last[parent->number] = counting->last[i];
    }
}

static void find_users(struct counting *counting)
{
    const struct encoded_tree *encoded = &counting->plan->encoded;
    for (uint32_t i = 0; i < counting->plan->tree->nodes_count; i++) {
        const struct content *content = content_of(counting, i);
        if (!content)
            continue;
        uint32_t number = encoded->content_of_node[i];
        struct users *same = &counting->contents[number];
        if (same->node != NOBODY) {
            counting->savings[i].twin = same->content;
            if (counting->savings[same->content].twin == NO_TWIN)
                counting->savings[same->content].twin = i;
        } else {
            same->content = i;
        }
        add_user(counting, same, i);
        for (uint32_t k = 0; k < content->refs_count; k++) {
            uint32_t block = encoded->refs[content->first_ref + k];
            if (block == REF_HOLE)
                continue;
            struct users *users = &counting->blocks[block];
            users->several |= users->node != NOBODY && users->content != number;
            users->content = users->node == NOBODY ? number : users->content;
            add_user(counting, users, i);
        }
    }
}

/* Counts the bytes of a file's blocks, and of those after `loaded`. */
static void add_file(struct counting *counting, uint32_t node, const struct content *content)
{
    const struct encoded_tree *encoded = &counting->plan->encoded;
    struct plan_saving *saving = &counting->savings[node];
    bool first = counting->contents[encoded->content_of_node[node]].content == node;
    for (uint32_t k = 0; k < content->refs_count; k++) {
        uint32_t block = encoded->refs[content->first_ref + k];
        if (block == REF_HOLE)
            continue;
        uint64_t bytes = block_bytes(counting, block);
        saving->taken += bytes;
        if (first && !counting->blocks[block].several &&
            (uint64_t)k * counting->plan->options.page_size >= counting->loaded[node])
            saving->tail += bytes;
    }
}

static void add_bytes(struct counting *counting)
{
    const struct encoded_tree *encoded = &counting->plan->encoded;
    for (size_t i = 0; i < encoded->store.blocks_count; i++) {
        if (counting->blocks[i].node != NOBODY)
            counting->savings[counting->blocks[i].node].bytes += block_bytes(counting, (uint32_t)i);
    }
    for (uint32_t i = 0; i < encoded->contents_count; i++) {
        if (counting->contents[i].node != NOBODY)
            counting->savings[counting->contents[i].node].bytes +=
                (uint64_t)encoded->contents[i].refs_count * CRAMFS_POINTER_SIZE;
    }
}

/* Adds inodes and names, and sums up directories. */
static void add_up(struct counting *counting)
{
    const struct cramfs_tree *tree = counting->plan->tree;
    for (uint32_t i = 0; i < tree->nodes_count; i++) {
        const struct content *content = content_of(counting, i);
        if (content)
            add_file(counting, i, content);
        counting->savings[i].direct = counting->savings[i].bytes; /* what its files share */
    }
    for (uint32_t i = tree->nodes_count; i-- > 1;) {
        struct plan_saving *saving = &counting->savings[i];
        struct plan_saving *above = &counting->savings[tree->nodes[i]->parent->number];
        saving->bytes += CRAMFS_INODE_SIZE + cramfs_name_length(tree->nodes[i]->name);
        saving->files += S_ISREG(tree->nodes[i]->mode);
        above->bytes += saving->bytes;
        above->direct += S_ISDIR(tree->nodes[i]->mode) ? 0 : saving->bytes;
        above->files += saving->files;
    }
}

static void clear_users(struct users *users, size_t count)
{
    for (size_t i = 0; i < count; i++)
        users[i] = (struct users){.node = NOBODY};
}

int plan_savings(const struct cramfs_plan *plan, const uint64_t *loaded,
                 struct plan_saving *savings)
{
    const struct encoded_tree *encoded = &plan->encoded;
    uint32_t nodes = plan->tree->nodes_count;
    struct counting counting = {
        .plan = plan,
        .loaded = loaded,
        .savings = savings,
        .last = calloc(nodes, sizeof(*counting.last)),
        .blocks = calloc(encoded->store.blocks_count + 1, sizeof(*counting.blocks)),
        .contents = calloc(encoded->contents_count + 1, sizeof(*counting.contents)),
    };
    int error = counting.last && counting.blocks && counting.contents ? 0 : -CRAMFS_ERR_MEMORY;
    for (uint32_t i = 0; i < nodes; i++)
        savings[i] = (struct plan_saving){.twin = NO_TWIN};
    if (!error) {
        clear_users(counting.blocks, encoded->store.blocks_count);
        clear_users(counting.contents, encoded->contents_count);
        find_ends(&counting);
        find_users(&counting);
        add_bytes(&counting);
        add_up(&counting);
    }
    free(counting.last);
    free(counting.blocks);
    free(counting.contents);
    return error;
}
