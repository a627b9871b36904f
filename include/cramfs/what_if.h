/*
 * The curve of a tree: what running in place costs and saves, from nothing in place to everything.
 *
 * Each point is a choice that a plan with that budget makes, exactly: same bytes, same pages. The
 * tree is encoded once for all of them, and no image is made.
 */
#ifndef CRAMFS_WHAT_IF_H
#define CRAMFS_WHAT_IF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "cramfs/declarations.h"
#include "cramfs/diag.h"
#include "cramfs/plan.h"
#include "cramfs/tree.h"

CRAMFS_BEGIN_DECLARATIONS

/* A file with another number of pages in place than at the point before. */
struct cramfs_what_if_file {
    uint32_t node;  /* its number in the tree: of the first name of an inode */
    uint32_t pages; /* in place */
    int64_t added;  /* pages, over the point before; less than 0 where others are worth more */
};

struct cramfs_what_if_point {
    uint64_t budget;        /* a plan with this options.budget makes this choice */
    uint64_t image_size;    /* bytes */
    uint64_t flash_cost;    /* bytes: image_size less that with nothing in place */
    uint64_t pages;         /* in place, each as often as it saves a page of RAM */
    uint64_t touched_pages; /* of `pages`, those that the profile has; 0 without one */
    uint64_t ram_saved;     /* bytes: of the touched pages; without a profile of all, a bound */
    size_t first_file;      /* in the list of files, */
    size_t files_count;     /* in path order */
};

#define CRAMFS_WHAT_IF_NONE SIZE_MAX

struct cramfs_what_if {
    struct cramfs_what_if_point *points; /* by budget, ascending; the first is that of 0 */
    size_t points_count;                 /* 1 to 33 */
    size_t points_capacity;
    struct cramfs_what_if_file *files;
    size_t files_count;
    size_t files_capacity;
    uint64_t bare_size; /* bytes of the image with nothing in place */
    uint64_t full_size; /* with all that could be; UINT64_MAX when no image can hold that */
    /*
     * If the options have a budget or a bound: the number of its point, or CRAMFS_WHAT_IF_NONE when
     * the image with nothing in place is over the bound.
     */
    bool bounded;
    size_t bound_point;
};

/*
 * Finds the curve of a tree for the options of a plan: options.choose counts as true, and the older
 * image of options.like is not looked at. All is as for cramfs_plan_create(), the errors, too, but
 * that the curve needs neither tree nor options afterwards. Returns 0 or a negative error; free the
 * curve in any case.
 */
int cramfs_what_if_create(struct cramfs_tree *tree, const struct cramfs_plan_options *options,
                          struct cramfs_diags *diags, struct cramfs_what_if *curve);
void cramfs_what_if_free(struct cramfs_what_if *curve);

/*
 * Bytes of RAM for each byte of flash from one point to the next, in thousandths. Returns false
 * where there is no such number: at the last point, and where the next costs nothing more.
 */
bool cramfs_what_if_marginal(const struct cramfs_what_if *curve, size_t point,
                             int64_t *thousandths);

enum cramfs_what_if_form {
    CRAMFS_WHAT_IF_TEXT, /* a table for a terminal */
    CRAMFS_WHAT_IF_JSON, /* as mkcramfs-xip(1) documents it */
    CRAMFS_WHAT_IF_CSV,
    CRAMFS_WHAT_IF_SVG, /* a picture, an SVG 1.1 document that needs nothing else */
};

/* How the options' own bound is called: "--fit" and its bytes. */
struct cramfs_what_if_bound {
    const char *name;
    uint64_t size;
};

/*
 * Writes a curve of that tree and those options; `bound` counts where the curve is bounded. Names
 * are hostile, and escaped. Returns 0, -CRAMFS_ERR_IO or -CRAMFS_ERR_MEMORY.
 */
int cramfs_print_what_if(const struct cramfs_what_if *curve, const struct cramfs_tree *tree,
                         const struct cramfs_plan_options *options,
                         const struct cramfs_what_if_bound *bound, enum cramfs_what_if_form form,
                         FILE *out);

CRAMFS_END_DECLARATIONS

#endif
