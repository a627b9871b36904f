#include "cramfs/plan.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/options.h"
#include "pack/blocks/encode.h"
#include "pack/budget/choose.h"
#include "pack/layout/arrange.h"
#include "pack/layout/layout.h"
#include "pack/layout/pointers.h"
#include "pack/layout/prove.h"
#include "pack/layout/squeeze.h"
#include "pack/like/update.h"
#include "pack/plan_parts.h"

/* A profile of files that are not there is of another tree. */
static int find_profiled(const struct cramfs_plan *plan, struct cramfs_diags *diags)
{
    const struct cramfs_profile *profile = plan->options.profile;
    bool allowed = plan->options.stale_profile;
    int result = 0;
    for (size_t i = 0; profile && i < cramfs_profile_count(profile); i++) {
        const char *path = cramfs_profile_path(profile, i);
        const struct cramfs_node *node = cramfs_tree_lookup(plan->tree, path);
        if (node && S_ISREG(node->mode) && node->size)
            continue;
        char *shown;
        if (asprintf(&shown, "/%s", path) < 0)
            return cramfs_fail_memory(diags);
        int error =
            cramfs_report(diags, allowed ? CRAMFS_WARNING : CRAMFS_ERROR, CRAMFS_ERR_CHANGED, shown,
                          PROFILE_IS_STALE, "there is no file of that name with anything in it");
        free(shown);
        result = allowed ? 0 : error;
    }
    return result;
}

/* Each round leaves out files that turned out unreadable, where the tree allows that. */
static int encode(struct cramfs_plan *plan, struct cramfs_diags *diags)
{
    int stale = find_profiled(plan, diags);
    int error;
    do {
        encoded_tree_free(&plan->encoded);
        error = cramfs_tree_fit(plan->tree, plan->options.page_size, diags);
        /* Also of a tree that does not fit all files are read, to tell all that is wrong at once.
         */
        int unread = error && error != -CRAMFS_ERR_LIMIT
                         ? 0
                         : encode_tree(plan->tree, &plan->options, &plan->encoded, diags);
        error = error ? error : unread;
        if (!error && plan->encoded.files_lost && cramfs_tree_finish(plan->tree) != 0)
            error = cramfs_fail_memory(diags);
    } while (!error && plan->encoded.files_lost);
    error = error ? error : stale;
    if (!error && plan->options.choose &&
        choose(plan->tree, &plan->options, &plan->encoded, &plan->summary.budget) != 0)
        error = cramfs_fail_memory(diags);
    return error;
}

/* What became of the blocks that are not in place. */
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

static void tell_selections(struct cramfs_plan *plan)
{
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
}

static int make_plan(struct cramfs_plan *plan, struct cramfs_diags *diags)
{
    int error = cramfs_plan_options_check(&plan->options, diags);
    if (!error)
        error = encode(plan, diags);
    if (!error)
        tell_selections(plan);
    if (!error)
        error = arrange(plan->tree, &plan->options, &plan->encoded, &plan->arrangement, diags);
    if (!plan->options.like)
        block_store_seal(&plan->encoded.store);
    if (!error)
        error = lay_out(plan->tree, &plan->options, &plan->encoded, &plan->arrangement,
                        &plan->layout, diags);
    if (!error)
        error = squeeze(plan->tree, &plan->options, &plan->encoded, &plan->arrangement,
                        &plan->layout, diags);
    if (error)
        return error;
    if (plan->options.like)
        error = update(plan, diags);
    block_store_seal(&plan->encoded.store);
    if (error && error != -CRAMFS_ERR_INTERNAL)
        return error;
    plan->parts = (struct image_parts){.tree = plan->tree,
                                       .options = &plan->options,
                                       .encoded = &plan->encoded,
                                       .arrangement = &plan->arrangement,
                                       .layout = &plan->layout};
    if (!error && !plan->options.like)
        error = settle_zero_word(&plan->encoded, &plan->arrangement, &plan->layout,
                                 plan->options.page_size);
    if (!error) {
        error = prove_direct(&plan->parts, diags);
        if (error == -CRAMFS_ERR_INTERNAL)
            return error;
    }
    if (!error)
        error = make_super(&plan->parts);
    if (error == -CRAMFS_ERR_INTERNAL)
        return cramfs_fail(diags, CRAMFS_ERR_INTERNAL, NULL,
                           "the layout contradicts itself; no image is written. This is a bug: "
                           "please report it with the tree");
    if (error)
        return cramfs_fail_memory(diags);
    plan_summarise(plan);
    return 0;
}

int cramfs_plan_create(struct cramfs_tree *tree, const struct cramfs_plan_options *options,
                       struct cramfs_diags *diags, struct cramfs_plan **plan)
{
    *plan = calloc(1, sizeof(**plan));
    if (!*plan)
        return cramfs_fail_memory(diags);
    (*plan)->tree = tree;
    options_copy(&(*plan)->options, sizeof((*plan)->options), options);
    int error = cramfs_tree_finish(tree) != 0 ? cramfs_fail_memory(diags) : make_plan(*plan, diags);
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
    layout_free(&plan->layout);
    arrangement_free(&plan->arrangement);
    encoded_tree_free(&plan->encoded);
    free(plan);
}

const struct cramfs_plan_summary *cramfs_plan_summary(const struct cramfs_plan *plan)
{
    return &plan->summary;
}

int plan_fail_unplanned(const char *path, struct cramfs_diags *diags)
{
    return cramfs_fail(diags, CRAMFS_ERR_INTERNAL, path,
                       "the image is not as planned, and not written. This is a bug: please report "
                       "it with the tree");
}

int cramfs_plan_write(const struct cramfs_plan *plan, int file, const char *path,
                      struct cramfs_diags *diags)
{
    struct file_sink sink;
    int error = file_sink_init(&sink, file, plan->options.swap);
    if (!error)
        error = emit_image(&plan->parts, &sink.base);
    if (!error)
        error = file_sink_flush(&sink);
    file_sink_free(&sink);
    if (error == -CRAMFS_ERR_IO)
        return cramfs_fail(diags, CRAMFS_ERR_IO, path, "cannot write: %s",
                           strerror(sink.system_error));
    if (error == -CRAMFS_ERR_INTERNAL)
        return plan_fail_unplanned(path, diags);
    return error ? cramfs_fail_memory(diags) : 0;
}
