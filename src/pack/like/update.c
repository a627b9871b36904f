#include "pack/like/update.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/remedy.h"
#include "pack/layout/inodes.h"
#include "pack/layout/pointers.h"
#include "pack/like/changed.h"
#include "pack/like/place.h"

/* One layout that was tried, and its cost. */
struct candidate_layout {
    struct arrangement arrangement;
    struct layout layout;
    uint64_t blocks;
    uint64_t differing;
    bool made;
};

struct updating {
    const struct cramfs_tree *tree;
    const struct cramfs_plan_options *options;
    struct encoded_tree *encoded;
    const struct cramfs_like *like;
    struct old_image *old;
    uint64_t most;                 /* bytes that the image may have */
    struct candidate_layout fresh; /* from scratch */
    struct candidate_layout best;  /* of those that are not too large */
    struct candidate_layout other; /* of those that are too large: only its numbers count */
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
    return (struct image_parts){.tree = updating->tree,
                                .options = updating->options,
                                .encoded = updating->encoded,
                                .arrangement = &candidate->arrangement,
                                .layout = &candidate->layout};
}

static int measure(const struct updating *updating, struct candidate_layout *candidate)
{
    struct image_parts parts = parts_of(updating, candidate);
    return find_changed(&parts, &candidate->layout, updating->like, &candidate->blocks,
                        &candidate->differing);
}

/*
 * Makes the image as long as the older one, if allowed: then erase blocks at the older one's end
 * need not be written.
 */
static int give_size(const struct updating *updating, struct layout *layout)
{
    uint32_t page_size = updating->options->page_size;
    const struct spot *last = &layout->spots[layout->spots_count - 1];
    uint64_t end = last->offset + last->length;
    uint64_t size = least_image_size(updating->tree, layout, end, page_size);
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
    struct encoded_tree *encoded = updating->encoded;
    struct kept kept = kept_of(keeping);
    struct cramfs_diags unheard = {0};
    int error = list_tables(updating->tree, encoded, &candidate->arrangement);
    if (!error)
        error = arrange_tables(updating->tree, updating->options, encoded, &kept,
                               &candidate->arrangement, &unheard);
    if (!error)
        error = place(updating->tree, updating->options, encoded, &candidate->arrangement, keeping,
                      ways, &candidate->layout);
    candidate->layout.like = updating->like;
    if (!error)
        error = give_size(updating, &candidate->layout);
    if (!error)
        error = settle_zero_word(encoded, &candidate->arrangement, &candidate->layout,
                                 updating->options->page_size);
    cramfs_diags_free(&unheard);
    return error ? error : measure(updating, candidate);
}

static bool better(const struct candidate_layout *one, const struct candidate_layout *than)
{
    if (!than->made || one->differing != than->differing)
        return !than->made || one->differing < than->differing;
    return one->layout.image_size < than->layout.image_size;
}

/* A layout outside the format's limits is no candidate. */
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

static bool may_be_better(const struct updating *updating)
{
    return !updating->best.made || updating->best.differing;
}

static int try_ways(struct updating *updating, bool prefer_moves)
{
    static const struct placing_ways ways[] = {
        {false, false}, {true, false}, {false, true}, {true, true}};
    struct arrangement listed = {0};
    struct keeping keeping = {0};
    int error = list_tables(updating->tree, updating->encoded, &listed);
    if (!error)
        error = keep(updating->tree, updating->options, updating->encoded, &listed, updating->old,
                     prefer_moves, &keeping);
    for (size_t i = 0; !error && i < sizeof(ways) / sizeof(ways[0]); i++) {
        if (may_be_better(updating))
            error = try_one(updating, &keeping, ways[i]);
    }
    keeping_free(&keeping);
    arrangement_free(&listed);
    return error;
}

static void note_fresh(const struct updating *updating, struct cramfs_diags *diags)
{
    const struct candidate_layout *fresh = &updating->fresh;
    const struct candidate_layout *other = updating->best.made ? &updating->best : &updating->other;
    if (!other->made)
        cramfs_report(diags, CRAMFS_NOTE, CRAMFS_ERR_LIMIT, NULL,
                      "laid out from scratch: the layout of the older image leaves no room for the "
                      "new files within the format's limits; %" PRIu64 " of %" PRIu64
                      " erase blocks differ",
                      fresh->differing, fresh->blocks);
    else if (updating->best.made)
        cramfs_report(diags, CRAMFS_NOTE, CRAMFS_ERR_LIMIT, NULL,
                      "laid out from scratch: %" PRIu64 " of %" PRIu64
                      " erase blocks differ, but %" PRIu64
                      " would differ in the layout of the older image",
                      fresh->differing, fresh->blocks, other->differing);
    else
        with_remedy(
            cramfs_report(
                diags, CRAMFS_NOTE, CRAMFS_ERR_LIMIT, NULL,
                "laid out from scratch: %" PRIu64 " bytes, and %" PRIu64 " of %" PRIu64
                " erase blocks differ; in the layout of the older image it would have %" PRIu64
                " bytes, over the limit of %" PRIu64 " bytes, and %" PRIu64 " of %" PRIu64
                " erase blocks would differ",
                fresh->layout.image_size, fresh->differing, fresh->blocks, other->layout.image_size,
                updating->most, other->differing, other->blocks),
            diags, CRAMFS_REMEDY_SLACK, NULL);
}

/* Returns the better candidate; the caller owns it. */
static struct candidate_layout
conclude(struct updating *updating, struct cramfs_like_summary *summary, struct cramfs_diags *diags)
{
    struct candidate_layout *best = &updating->best;
    bool kept = best->made && best->differing <= updating->fresh.differing;
    struct candidate_layout *better_one = kept ? best : &updating->fresh;
    struct candidate_layout chosen = *better_one;
    if (!kept)
        note_fresh(updating, diags);
    *summary = (struct cramfs_like_summary){
        .kept = kept,
        .erase_blocks = chosen.blocks,
        .differing = chosen.differing,
        .fresh_size = updating->fresh.layout.image_size,
    };
    *better_one = (struct candidate_layout){0};
    return chosen;
}

static int try_all(struct updating *updating)
{
    uint64_t fresh = updating->fresh.layout.image_size;
    updating->most = fresh + fresh / 100 * updating->options->slack +
                     fresh % 100 * updating->options->slack / 100;
    if (updating->most > updating->options->most_bytes)
        updating->most = updating->options->most_bytes;
    int error = measure(updating, &updating->fresh);
    if (!error)
        error = old_match(updating->old, updating->tree, updating->encoded);
    if (!error)
        error = try_ways(updating, false);
    if (!error && may_be_better(updating))
        error = try_ways(updating, true);
    return error;
}

int update(const struct cramfs_tree *tree, const struct cramfs_plan_options *options,
           struct encoded_tree *encoded, struct old_image *old, struct arrangement *arrangement,
           struct layout *layout, struct cramfs_like_summary *summary, struct cramfs_diags *diags)
{
    struct updating updating = {
        .tree = tree,
        .options = options,
        .encoded = encoded,
        .like = options->like,
        .old = old,
        .fresh = {.arrangement = *arrangement, .layout = *layout, .made = true},
    };
    int error = try_all(&updating);
    struct candidate_layout chosen = {0};
    if (!error)
        chosen = conclude(&updating, summary, diags);
    *arrangement = chosen.arrangement;
    *layout = chosen.layout;
    candidate_free(&updating.fresh);
    candidate_free(&updating.best);
    candidate_free(&updating.other);
    if (error == -CRAMFS_ERR_MEMORY)
        cramfs_fail_memory(diags);
    return error;
}
