/*
 * Parts of the XIP report that several of its files use.
 */
#ifndef CRAMFS_READ_XIP_XIP_H
#define CRAMFS_READ_XIP_XIP_H

#include "cramfs/xip_report.h"
#include "read/first_pages.h"

/* The flash cost of the pages in place. Files are added in path order. */
struct xip_cost {
    const struct cramfs_image *image;
    enum cramfs_kernel kernel;
    struct first_pages first;
    uint64_t deflated;    /* bytes of the pages that were added */
    uint64_t *prices;     /* by entry: flash cost of its pages that the pool has compressed */
    struct pool *pool;    /* compresses pages */
    struct cost_job *job; /* the next job, until it is full; or NULL */
};

/* `jobs` threads compress; 0 counts as 1. Returns 0 or -CRAMFS_ERR_MEMORY; close in any case. */
int xip_cost_open(struct xip_cost *cost, const struct cramfs_image *image,
                  const struct cramfs_survey *survey, enum cramfs_kernel kernel, unsigned jobs);
void xip_cost_close(struct xip_cost *cost);

/*
 * Adds `file`, which must be the first name of its inode. The pool computes the cost of its pages
 * in place, except of shared pages: those that a file added before has, too. For the first shared
 * page that the kernel can map directly, sets file->shares_with to the entry that added that page.
 * Returns 0 or -CRAMFS_ERR_MEMORY.
 */
int xip_cost_take(struct xip_cost *cost, const struct cramfs_table *table,
                  struct cramfs_xip_file *file);

/*
 * After the last file: waits for the pool, and sets flash_cost_bytes of each file, its share of the
 * flash cost, and of the report, the sum.
 */
void xip_cost_share(struct xip_cost *cost, struct cramfs_xip_report *report);

/*
 * Makes a report of only the files for which chosen[entry] is true, without flash costs and
 * profile, for any address. Only first names of an inode may be chosen. Returns 0 or
 * -CRAMFS_ERR_MEMORY; free the report in any case.
 */
int xip_report_pages(const struct cramfs_image *image, const struct cramfs_survey *survey,
                     enum cramfs_kernel kernel, const bool *chosen,
                     struct cramfs_xip_report *report);

/*
 * The prediction for the file's first mapping with a lost page. Its reason is given as the reason
 * for all lost pages of the file.
 */
const struct cramfs_prediction *xip_lost_prediction(const struct cramfs_xip_report *report,
                                                    const struct cramfs_xip_file *file);

/* The part of the text report that a profile adds. Returns 0 or -CRAMFS_ERR_MEMORY. */
int xip_print_profile(const struct cramfs_image *image, const struct cramfs_survey *survey,
                      const struct cramfs_xip_report *report, FILE *out);

/* The files, most lost pages first, then in path order. The caller frees. NULL: no memory. */
const struct cramfs_xip_file **xip_by_loss(const struct cramfs_xip_report *report);

#endif
