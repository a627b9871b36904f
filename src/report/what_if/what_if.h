/*
 * A curve, and how each form of it is written.
 */
#ifndef CRAMFS_REPORT_WHAT_IF_H
#define CRAMFS_REPORT_WHAT_IF_H

#include "cramfs/what_if.h"

struct what_if_report {
    const struct cramfs_what_if *curve;
    const struct cramfs_tree *tree;
    const struct cramfs_plan_options *options;
    const struct cramfs_what_if_bound *bound; /* NULL: none */
    FILE *out;
};

/* Room for a number of thousandths: "-12.345". */
enum { WHAT_IF_NUMBER_SIZE = 32 };

/* The marginal RAM of a point with three digits, or `none`. Returns `to`. */
const char *what_if_marginal_text(const struct cramfs_what_if *curve, size_t point,
                                  const char *none, char to[WHAT_IF_NUMBER_SIZE]);

/* The files of a point, those with the most pages added first; `to` has room for all of them. */
void what_if_largest(const struct cramfs_what_if *curve, const struct cramfs_what_if_point *point,
                     struct cramfs_what_if_file *to);

/* Each returns 0 or a negative error; whether all was written is looked at once, at the end. */
int what_if_text(const struct what_if_report *report);
int what_if_json(const struct what_if_report *report);
int what_if_csv(const struct what_if_report *report);
int what_if_svg(const struct what_if_report *report);

#endif
