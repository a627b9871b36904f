#include "cramfs/plan.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/array.h"
#include "base/options.h"
#include "pack/blocks/encode.h"
#include "pack/budget/choose.h"
#include "pack/budget/choosing.h"
#include "pack/budget/cuts/choose_cuts.h"
#include "pack/layout/arrange.h"
#include "pack/layout/layout.h"
#include "pack/layout/pointers.h"
#include "pack/like/update.h"
#include "pack/plan_parts.h"
#include "pack/prove.h"

/* Cut files get their old sizes back when the plan is freed. */
static int keep_sizes(struct cramfs_plan *plan)
{
    plan->source_sizes =
        array_create((uint64_t)plan->tree->nodes_count + 1, sizeof(*plan->source_sizes));
    if (!plan->source_sizes)
        return -CRAMFS_ERR_MEMORY;
    for (uint32_t i = 0; i < plan->tree->nodes_count; i++)
        plan->source_sizes[i] = plan->tree->nodes[i]->size;
    return 0;
}

static void restore_sizes(const struct cramfs_plan *plan)
{
    for (uint32_t i = 0; plan->source_sizes && i < plan->tree->nodes_count; i++)
        plan->tree->nodes[i]->size = plan->source_sizes[i];
}

/* Chooses pages, and cuts files of the tree. */
static int choose_with_cuts(struct cramfs_plan *plan, uint64_t bare_size,
                            struct cramfs_diags *diags)
{
    struct cut_choice choice = {0};
    int error = keep_sizes(plan);
    if (!error)
        error =
            cut_choice_begin(plan->tree, &plan->options, &plan->encoded, bare_size, diags, &choice);
    if (!error)
        error = cut_choice_make(&choice, choosing_budget(&plan->options, bare_size),
                                &plan->summary.split, &plan->summary.budget);
    cut_choice_end(&choice);
    return error;
}

/* Chooses the pages in place for a budget or a profile. */
static int choose_pages(struct cramfs_plan *plan, struct cramfs_diags *diags)
{
    const struct cramfs_plan_options *options = &plan->options;
    if (!options->choose)
        return 0;
    uint64_t bare_size;
    int error = choosing_measure_bare(plan->tree, options, &plan->encoded, &bare_size);
    if (!error)
        error = choose_makes_cuts(options)
                    ? choose_with_cuts(plan, bare_size, diags)
                    : choose(plan->tree, options, &plan->encoded, bare_size, &plan->summary.budget);
    if (error == -CRAMFS_ERR_MEMORY)
        return cramfs_fail_memory(diags);
    return error ? error : plan_pay_must(plan, bare_size, diags);
}

/* Counts the blocks that are not in place, by form. */
static void count_blocks(const struct encoded_tree *encoded, const struct content *content,
                         struct cramfs_selection *selection)
{
    for (uint32_t i = 0; i < content->refs_count; i++) {
        uint32_t block = encoded->refs[content->first_ref + i];
        selection->holes += block == REF_HOLE;
        if (block == REF_HOLE)
            continue;
        selection->deflated += encoded->store.blocks[block].form == FORM_DEFLATED;
        selection->stored += encoded->store.blocks[block].form == FORM_STORED;
    }
}

/* Reports to the caller what was decided for each file. */
static int report_selections(struct cramfs_plan *plan, struct cramfs_diags *diags)
{
    (void)diags;
    const struct cramfs_plan_options *options = &plan->options;
    struct encoded_tree *encoded = &plan->encoded;
    for (uint32_t i = 0; options->selected && i < plan->tree->nodes_count; i++) {
        const struct cramfs_node *node = plan->tree->nodes[i];
        if (!S_ISREG(node->mode) || !node->size)
            continue;
        struct cramfs_selection selection = *selection_of(encoded, i);
        count_blocks(encoded, &encoded->contents[encoded->content_of_node[i]], &selection);
        options->selected(options->context, node, &selection);
    }
    return 0;
}

static int check_options(struct cramfs_plan *plan, struct cramfs_diags *diags)
{
    return cramfs_plan_options_check(&plan->options, diags);
}

/* After this, only a layout like an older image adds blocks or looks for them. */
static int arrange_blocks(struct cramfs_plan *plan, struct cramfs_diags *diags)
{
    int error = arrange(plan->tree, &plan->options, &plan->encoded, &plan->arrangement, diags);
    if (!plan->options.like)
        block_store_seal(&plan->encoded.store);
    return error;
}

static int lay_out_alone(struct cramfs_plan *plan, struct cramfs_diags *diags)
{
    const struct cramfs_budget_summary *choice = &plan->summary.budget;
    int error = lay_out(plan->tree, &plan->options, &plan->encoded, &plan->arrangement,
                        &plan->layout, diags);
    /* The choice was made with the sizes of measure.c; its promises hold only if they are right. */
    bool other = plan->options.choose && choice->bare_size != UINT64_MAX &&
                 plan->layout.image_size != choice->bare_size + choice->cost &&
                 (choice->cost || plan->layout.image_size > choice->bare_size);
    return !error && other ? plan_fail(-CRAMFS_ERR_INTERNAL, diags) : error;
}

static int settle_alone(struct cramfs_plan *plan, struct cramfs_diags *diags)
{
    int error = settle_zero_word(&plan->encoded, &plan->arrangement, &plan->layout,
                                 plan->options.page_size);
    return plan_fail(error, diags);
}

/* Replaces the layout by one like an older image, if that is better. */
static int lay_out_like(struct cramfs_plan *plan, struct cramfs_diags *diags)
{
    if (!plan->options.like)
        return 0;
    int error = update(plan->tree, &plan->options, &plan->encoded, &plan->old, &plan->arrangement,
                       &plan->layout, &plan->summary.like, diags);
    block_store_seal(&plan->encoded.store);
    return error == -CRAMFS_ERR_INTERNAL ? plan_fail(error, diags) : error;
}

/* Replays the kernel's decision for all pages in place. */
static int prove(struct cramfs_plan *plan, struct cramfs_diags *diags)
{
    return prove_direct(&plan->parts, diags);
}

static int make_superblock(struct cramfs_plan *plan, struct cramfs_diags *diags)
{
    return plan_fail(describe_super(&plan->parts), diags);
}

/* The stages that make a plan of options and tree, in order. Each stage reports its own errors. */
static int (*const stages[])(struct cramfs_plan *plan, struct cramfs_diags *diags) = {
    check_options, plan_encode,  choose_pages, report_selections, arrange_blocks, lay_out_alone,
    settle_alone,  lay_out_like, prove,        make_superblock,
};

static int make_plan(struct cramfs_plan *plan, struct cramfs_diags *diags)
{
    int error = cramfs_tree_finish(plan->tree) != 0 ? cramfs_fail_memory(diags) : 0;
    for (size_t i = 0; !error && i < sizeof(stages) / sizeof(stages[0]); i++)
        error = stages[i](plan, diags);
    if (!error)
        plan_summarise(plan);
    return error;
}

int cramfs_plan_create(struct cramfs_tree *tree, const struct cramfs_plan_options *options,
                       struct cramfs_diags *diags, struct cramfs_plan **plan)
{
    *plan = calloc(1, sizeof(**plan));
    if (!*plan)
        return cramfs_fail_memory(diags);
    (*plan)->tree = tree;
    plan_options_copy(&(*plan)->options, options);
    (*plan)->parts = (struct image_parts){.tree = tree,
                                          .options = &(*plan)->options,
                                          .encoded = &(*plan)->encoded,
                                          .arrangement = &(*plan)->arrangement,
                                          .layout = &(*plan)->layout};
    int error = make_plan(*plan, diags);
    if (error) {
        cramfs_plan_free(*plan);
        *plan = NULL;
    }
    return error;
}

void cramfs_plan_free(struct cramfs_plan *plan)
{
    if (!plan)
        return;
    restore_sizes(plan);
    free(plan->source_sizes);
    old_free(&plan->old);
    layout_free(&plan->layout);
    arrangement_free(&plan->arrangement);
    encoded_tree_free(&plan->encoded);
    free(plan);
}

void cramfs_plan_split_files(const struct cramfs_plan *plan, struct cramfs_split_file *files)
{
    size_t count = 0;
    for (uint32_t i = 0; i < plan->tree->nodes_count && count < plan->summary.split.files; i++) {
        const struct cramfs_node *node = plan->tree->nodes[i];
        uint32_t mappings = S_ISREG(node->mode) && plan->encoded.content_of_node[i] != NO_CONTENT
                                ? selection_of(&plan->encoded, i)->mappings_added
                                : 0;
        if (mappings)
            files[count++] = (struct cramfs_split_file){.node = i, .mappings = mappings};
    }
}

const struct cramfs_plan_summary *cramfs_plan_summary(const struct cramfs_plan *plan)
{
    return &plan->summary;
}
