/*
 * Measuring: the size that an image would have with the present refs.
 *
 * A choice is measured hundreds of times. Nearly all tables are alone: no other slot of the tree
 * can lead to one of their blocks. What such a table takes depends on its own refs only, so it is
 * summed up. Only the other tables, which may share blocks, are arranged. The result is the size
 * that lay_out() finds after arrange(); plan.c compares the two for each image.
 *
 * Where a sum would not do, as after limits of the format or without an MMU, everything is laid
 * out.
 */
#ifndef CRAMFS_PACK_BUDGET_MEASURE_H
#define CRAMFS_PACK_BUDGET_MEASURE_H

#include "pack/layout/arrangement.h"
#include "pack/layout/layout.h"

struct measured_table {
    uint32_t content;
    bool alone;
};

struct measuring {
    const struct cramfs_tree *tree;
    const struct cramfs_plan_options *options;
    struct encoded_tree *encoded;
    bool sums;                     /* tables that are alone are summed up */
    struct measured_table *tables; /* all, in path order */
    size_t tables_count;
    struct arrangement arrangement; /* of the others; of all tables, if nothing is summed up */
    uint64_t front_end;             /* of superblock and directories */
    uint64_t least_size;            /* of an image with these directories */
};

struct measured {
    uint64_t size; /* of the image; UINT64_MAX when no image can hold the choice */
    uint64_t gap;  /* struct choice_size has it */
};

/*
 * The refs are those with nothing in place that need not be, and encoded->placed has the blocks
 * that may replace them. Returns 0 or -CRAMFS_ERR_MEMORY; end it in any case.
 */
int measuring_begin(const struct cramfs_tree *tree, const struct cramfs_plan_options *options,
                    struct encoded_tree *encoded, struct measuring *measuring);

/* Measures the image with the present refs. Returns 0 or -CRAMFS_ERR_MEMORY. */
int measuring_size(struct measuring *measuring, struct measured *measured);
void measuring_end(struct measuring *measuring);

#endif
