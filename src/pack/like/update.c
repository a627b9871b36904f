#include "pack/like/update.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "pack/layout/pointers.h"
#include "pack/like/place.h"
#include "pack/write/gaps.h"

/* One way to lay out, and what it comes to. */
struct candidate_layout {
    struct arrangement arrangement;
    struct layout layout;
    uint64_t blocks;
    uint64_t differing;
    bool made;
};

struct updating {
    struct cramfs_plan *plan;
    const struct cramfs_like *like;
    struct old_image old;
    uint64_t most;                 /* bytes that the image may have */
    struct candidate_layout fresh; /* what the plan had */
    struct candidate_layout best;  /* of those that are not too large */
    struct candidate_layout other; /* of those that are: only its numbers count */
};

static void candidate_free(struct candidate_layout *candidate)
{
    arrangement_free(&candidate->arrangement);
    layout_free(&candidate->layout);
    *candidate = (struct candidate_layout){0};
}

static struct image_parts parts_of(const struct updating *updating,
                                   const struct candidate_layout *candidate)
{
    return (struct image_parts){.tree = updating->plan->tree,
                                .options = &updating->plan->options,
                                .encoded = &updating->plan->encoded,
                                .arrangement = &candidate->arrangement,
                                .layout = &candidate->layout};
}

static int measure(const struct updating *updating, struct candidate_layout *candidate)
{
    struct image_parts parts = parts_of(updating, candidate);
    return find_changed(&parts, &candidate->layout, updating->like, &candidate->blocks,
                        &candidate->differing);
}

static uint64_t last_entry(const struct updating *updating, const struct layout *layout)
{
    const struct cramfs_tree *tree = updating->plan->tree;
    uint64_t last = 0;
    for (uint32_t i = 0; i < tree->nodes_count; i++) {
        const struct cramfs_node *node = tree->nodes[i];
        if (!S_ISDIR(node->mode) || !node->children_count)
            continue;
        const char *name = node->children[node->children_count - 1]->name;
        uint64_t at = layout->directory_offset[i] + cramfs_directory_size(node) -
                      cramfs_name_length(name) - CRAMFS_INODE_SIZE;
        last = at > last ? at : last;
    }
    return last;
}

/*
 * The image stays as long as the older one, where it may: erase blocks at its end need not be
 * touched then.
 */
static int give_size(const struct updating *updating, struct layout *layout)
{
    uint32_t page_size = updating->plan->options.page_size;
    const struct spot *last = &layout->spots[layout->spots_count - 1];
    uint64_t end = last->offset + last->length;
    uint64_t size = least_image_size(end, last_entry(updating, layout), page_size);
    uint64_t old = updating->like->reader->size;
    for (size_t i = 1; i < layout->spots_count; i++) {
        const struct spot *before = &layout->spots[i - 1];
        if (before->offset + before->length > layout->spots[i].offset)
            return -CRAMFS_ERR_INTERNAL;
    }
    if (old > size && old <= updating->most && old % page_size == 0)
        size = old;
    layout->image_size = size;
    return size > CRAMFS_MAX_IMAGE_SIZE ? -CRAMFS_ERR_LIMIT : 0;
}

static int lay_out_one(const struct updating *updating, const struct keeping *keeping,
                       struct placing_ways ways, struct candidate_layout *candidate)
{
    struct cramfs_plan *plan = updating->plan;
    struct cramfs_diags unheard = {0};
    int error = list_tables(plan->tree, &plan->encoded, &candidate->arrangement);
    block_store_forget_pieces(&plan->encoded.store);
    if (!error)
        error = arrange_tables(plan->tree, &plan->options, &plan->encoded, keeping,
                               &candidate->arrangement, &unheard);
    if (!error)
        error = place(plan->tree, &plan->options, &plan->encoded, &candidate->arrangement, keeping,
                      ways, &candidate->layout);
    candidate->layout.like = updating->like;
    if (!error)
        error = give_size(updating, &candidate->layout);
    if (!error)
        error = settle_zero_word(&plan->encoded, &candidate->arrangement, &candidate->layout,
                                 plan->options.page_size);
    cramfs_diags_free(&unheard);
    return error ? error : measure(updating, candidate);
}

static bool better(const struct candidate_layout *one, const struct candidate_layout *than)
{
    if (!than->made || one->differing != than->differing)
        return !than->made || one->differing < than->differing;
    return one->layout.image_size < than->layout.image_size;
}

/* What cannot be within the format's limits is no candidate. */
static int try_one(struct updating *updating, const struct keeping *keeping,
                   struct placing_ways ways)
{
    struct candidate_layout candidate = {0};
    int error = lay_out_one(updating, keeping, ways, &candidate);
    candidate.made = !error;
    bool fits = candidate.layout.image_size <= updating->most;
    struct candidate_layout *best = fits ? &updating->best : &updating->other;
    if (candidate.made && better(&candidate, best)) {
        candidate_free(best);
        *best = candidate;
    } else {
        candidate_free(&candidate);
    }
    return error == -CRAMFS_ERR_LIMIT ? 0 : error;
}

static int try_ways(struct updating *updating, bool prefer_moves)
{
    static const struct placing_ways ways[] = {
        {false, false}, {true, false}, {false, true}, {true, true}};
    struct cramfs_plan *plan = updating->plan;
    struct arrangement listed = {0};
    struct keeping keeping = {0};
    int error = list_tables(plan->tree, &plan->encoded, &listed);
    if (!error)
        error = keep(plan->tree, &plan->options, &plan->encoded, &listed, &updating->old,
                     prefer_moves, &keeping);
    for (size_t i = 0; !error && i < sizeof(ways) / sizeof(ways[0]); i++) {
        if (!updating->best.made || updating->best.differing)
            error = try_one(updating, &keeping, ways[i]);
    }
    keeping_free(&keeping);
    arrangement_free(&listed);
    return error;
}

static void tell_fresh(const struct updating *updating, struct cramfs_diags *diags)
{
    const struct candidate_layout *fresh = &updating->fresh;
    const struct candidate_layout *other = updating->best.made ? &updating->best : &updating->other;
    if (!other->made)
        cramfs_report(diags, CRAMFS_NOTE, CRAMFS_ERR_LIMIT, NULL,
                      "laid out afresh: like the older image what is new has no place within the "
                      "limits of the format; %" PRIu64 " of %" PRIu64 " erase blocks differ",
                      fresh->differing, fresh->blocks);
    else if (updating->best.made)
        cramfs_report(diags, CRAMFS_NOTE, CRAMFS_ERR_LIMIT, NULL,
                      "laid out afresh: %" PRIu64 " of %" PRIu64 " erase blocks differ so, %" PRIu64
                      " like the older image",
                      fresh->differing, fresh->blocks, other->differing);
    else
        cramfs_report(diags, CRAMFS_NOTE, CRAMFS_ERR_LIMIT, NULL,
                      "laid out afresh: %" PRIu64 " bytes, and %" PRIu64 " of %" PRIu64
                      " erase blocks differ; like the older image %" PRIu64
                      " bytes, over the %" PRIu64 " that --slack and --max-size allow, and %" PRIu64
                      " of %" PRIu64 " erase blocks",
                      fresh->layout.image_size, fresh->differing, fresh->blocks,
                      other->layout.image_size, updating->most, other->differing, other->blocks);
}

/* Gives the plan what was better. */
static void conclude(struct updating *updating, struct cramfs_diags *diags)
{
    struct cramfs_plan *plan = updating->plan;
    struct candidate_layout *best = &updating->best;
    bool kept = best->made && best->differing <= updating->fresh.differing;
    struct candidate_layout *chosen = kept ? best : &updating->fresh;
    if (!kept)
        tell_fresh(updating, diags);
    plan->summary.like = (struct cramfs_like_summary){
        .kept = kept,
        .erase_blocks = chosen->blocks,
        .differing = chosen->differing,
        .fresh_size = updating->fresh.layout.image_size,
    };
    plan->arrangement = chosen->arrangement;
    plan->layout = chosen->layout;
    *chosen = (struct candidate_layout){0};
}

static int try_all(struct updating *updating)
{
    const struct cramfs_plan *plan = updating->plan;
    uint64_t fresh = updating->fresh.layout.image_size;
    updating->most =
        fresh + fresh / 100 * plan->options.slack + fresh % 100 * plan->options.slack / 100;
    if (updating->most > plan->options.most_bytes)
        updating->most = plan->options.most_bytes;
    int error = settle_zero_word(&plan->encoded, &updating->fresh.arrangement,
                                 &updating->fresh.layout, plan->options.page_size);
    if (!error)
        error = measure(updating, &updating->fresh);
    if (!error)
        error = old_read(updating->like, plan->tree, &plan->encoded, &updating->old);
    if (!error)
        error = try_ways(updating, false);
    if (!error && (!updating->best.made || updating->best.differing))
        error = try_ways(updating, true);
    return error;
}

static int check_like(const struct cramfs_plan *plan, struct cramfs_diags *diags)
{
    const struct cramfs_plan_options *options = &plan->options;
    if (options->like->order != options->order)
        return cramfs_fail(diags, CRAMFS_ERR_USAGE, NULL,
                           "the older image is in another byte order; build for that, or without "
                           "--like");
    if (options->like->page_size != options->page_size)
        return cramfs_fail(diags, CRAMFS_ERR_USAGE, NULL,
                           "the older image is for pages of %" PRIu32 " bytes, not %" PRIu32
                           "; build for those, or without --like",
                           options->like->page_size, options->page_size);
    if (!options->erase_block)
        return cramfs_fail(diags, CRAMFS_ERR_USAGE, NULL, "an erase block has at least one byte");
    return 0;
}

int update(struct cramfs_plan *plan, struct cramfs_diags *diags)
{
    struct updating updating = {.plan = plan, .like = plan->options.like};
    int error = check_like(plan, diags);
    if (error)
        return error;
    updating.fresh.arrangement = plan->arrangement;
    updating.fresh.layout = plan->layout;
    updating.fresh.made = true;
    plan->arrangement = (struct arrangement){0};
    plan->layout = (struct layout){0};
    error = try_all(&updating);
    if (!error)
        conclude(&updating, diags);
    candidate_free(&updating.fresh);
    candidate_free(&updating.best);
    candidate_free(&updating.other);
    old_free(&updating.old);
    if (error == -CRAMFS_ERR_MEMORY)
        cramfs_fail_memory(diags);
    return error;
}
