/*
 * Measuring: the size that an image would have with the present refs.
 *
 * A choice is measured hundreds of times, and from one time to the next only the refs of a few
 * files change. Tables are in one group if a slot of one can lead to a block that a slot of the
 * other can lead to. Nothing is shared between groups, so what the tables of a group take depends
 * on their own refs only, and is kept until one of these changes. A table that is alone in its
 * group, and repeats no block, is summed up; other changed tables are arranged. The result is the
 * size that lay_out() finds after arrange(); plan.c compares the two for each image.
 *
 * Where a sum would not do, as after limits of the format or without an MMU, everything is laid
 * out.
 */
#ifndef CRAMFS_PACK_BUDGET_MEASURE_H
#define CRAMFS_PACK_BUDGET_MEASURE_H

#include "pack/layout/arrangement.h"
#include "pack/layout/layout.h"

struct measured_table {
    struct table listed; /* by list_tables() */
    uint32_t group;      /* towards the table that stands for its group; see find_group() */
    bool alone;
    bool changed;    /* of that table: some table of the group has other refs than the last time */
    uint64_t length; /* of its pointers and its pieces before the zone */
    uint64_t pages;  /* of its pieces in the zone */
};

struct measuring {
    const struct cramfs_tree *tree;
    const struct cramfs_plan_options *options;
    struct encoded_tree *encoded;
    bool sums;                     /* groups are kept and summed up */
    struct measured_table *tables; /* all, in path order */
    size_t tables_count;
    uint32_t *others;               /* numbers of the tables that are arranged */
    uint32_t *known;                /* the refs of the last time; NULL before the first */
    struct arrangement arrangement; /* of changed tables; of all tables, if nothing is summed up */
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
