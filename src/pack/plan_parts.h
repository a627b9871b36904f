/*
 * The parts of a plan, for the files that make it, write it and report about it.
 */
#ifndef CRAMFS_PACK_PLAN_PARTS_H
#define CRAMFS_PACK_PLAN_PARTS_H

#include "pack/like/old.h"
#include "pack/write/write.h"

struct cramfs_plan {
    struct cramfs_tree *tree;
    struct cramfs_plan_options options;
    struct old_image old; /* options.like, read */
    struct encoded_tree encoded;
    struct arrangement arrangement;
    struct layout layout;
    struct image_parts parts; /* points at the above */
    struct cramfs_plan_summary summary;
    uint64_t *source_sizes; /* by node, with options.split: cut files may be longer */
};

/* Copies the caller's options into the library's own; NULL means the defaults. */
void plan_options_copy(struct cramfs_plan_options *to, const struct cramfs_plan_options *given);

/*
 * Encodes all files of the plan's tree, which is finished. Returns 0 or the errors of
 * cramfs_plan_create(), with diagnostics.
 */
int plan_encode(struct cramfs_plan *plan, struct cramfs_diags *diags);

/*
 * Checks that the budget pays for the pages that rules say must be in place. `bare_size` is the
 * size of the image with nothing in place. Returns 0, -CRAMFS_ERR_LIMIT or -CRAMFS_ERR_MEMORY, with
 * diagnostics.
 */
int plan_pay_must(const struct cramfs_plan *plan, uint64_t bare_size, struct cramfs_diags *diags);

/* Fills in plan->summary, all but the budget's, which is there already. */
void plan_summarise(struct cramfs_plan *plan);

/* The diagnostic of -CRAMFS_ERR_MEMORY, or of a layout that contradicts itself. Returns `error`. */
int plan_fail(int error, struct cramfs_diags *diags);

#endif
