/*
 * The state of a choice: the candidates of a tree, and the sizes that the layout measures for the
 * taken ones.
 */
#ifndef CRAMFS_PACK_BUDGET_CHOOSING_H
#define CRAMFS_PACK_BUDGET_CHOOSING_H

#include "pack/budget/candidates.h"
#include "pack/budget/measure.h"

/* What the layout measures for a choice. */
struct choice_size {
    uint64_t cost; /* of flash: the image with the choice, less the one without; or NO_IMAGE */
    /*
     * Bytes that alignment leaves unused, and that more pages in place could use. With an MMU they
     * are before the zone, which consists of whole pages. Without one, pages in place are close
     * together, and the unused bytes are at the image's end.
     */
    uint64_t gap;
};

#define NO_IMAGE UINT64_MAX /* the cost when no image can hold the choice */

struct budget_choosing {
    const struct cramfs_tree *tree;
    const struct cramfs_plan_options *options;
    struct encoded_tree *encoded;
    uint64_t bare_size; /* bytes of the image with nothing in place, and no file cut */
    struct candidates candidates;
    struct measuring measuring; /* begun before the first measurement */
    uint64_t *sums;             /* by number of steps: an estimate of their cost together */
    bool measured;              /* the following sizes are known: choosing_keep() was called */
    struct choice_size none;    /* with no step taken: more than 0 where files are cut */
    struct choice_size must;    /* with the steps of pages that must be in place */
    struct choice_size kept;    /* with these steps, and those of pages that stay in place */
    uint64_t all_kept_cost;     /* the cost of `kept` if candidates.alone is false */
    struct choice_size all;     /* with all steps */
};

/*
 * The size of the image with nothing in place, for a tree as it was encoded: UINT64_MAX when no
 * image can hold it. Returns 0 or -CRAMFS_ERR_MEMORY.
 */
int choosing_measure_bare(const struct cramfs_tree *tree, const struct cramfs_plan_options *options,
                          struct encoded_tree *encoded, uint64_t *bare_size);

/*
 * Lists the steps of a choice; none is taken. Returns 0 or -CRAMFS_ERR_MEMORY; end it in any case.
 */
int choosing_begin(const struct cramfs_tree *tree, const struct cramfs_plan_options *options,
                   struct encoded_tree *encoded, uint64_t bare_size,
                   struct budget_choosing *choosing);

/*
 * Measures the sizes of the state if they are not known. Decides for this budget which pages of the
 * older image stay in place, and lists the steps again if the decision has changed. Afterwards no
 * step is taken. Returns 0 or -CRAMFS_ERR_MEMORY.
 */
int choosing_keep(struct budget_choosing *choosing, uint64_t budget);
void choosing_end(struct budget_choosing *choosing);

/* Makes the refs of the pages that are taken those of blocks in place. */
void choosing_apply(struct budget_choosing *choosing);

/* Applies the steps that are taken, and lays the image out. Returns 0 or -CRAMFS_ERR_MEMORY. */
int choosing_measure(struct budget_choosing *choosing, struct choice_size *size);

/*
 * The budget of the options: their size limit less the size of the image with nothing in place, or
 * options->budget if that is less.
 */
uint64_t choosing_budget(const struct cramfs_plan_options *options, uint64_t bare_size);

#endif
