/*
 * Parts of the XIP report that several of its files use.
 */
#ifndef CRAMFS_READ_XIP_XIP_H
#define CRAMFS_READ_XIP_XIP_H

#include "cramfs/xip_report.h"
#include "read/first_pages.h"

/* What pages in place cost; files are added in path order. */
struct xip_cost {
    const struct cramfs_image *image;
    enum cramfs_kernel kernel;
    struct first_pages first;
    uint64_t deflated;    /* bytes, of the pages so far */
    uint64_t *prices;     /* by entry: of the pages that the pool has compressed */
    struct pool *pool;    /* compresses pages */
    struct cost_job *job; /* its next job, while that has room; or NULL */
};

/* `jobs` threads compress; 0 counts as 1. Returns 0 or -CRAMFS_ERR_MEMORY; close in any case. */
int xip_cost_open(struct xip_cost *cost, const struct cramfs_image *image,
                  const struct cramfs_survey *survey, enum cramfs_kernel kernel, unsigned jobs);
void xip_cost_close(struct xip_cost *cost);

/*
 * Has the pages in place priced that no earlier inode has, and finds the first inode that has one
 * of the file's pages: sets shares_with. Returns 0 or -CRAMFS_ERR_MEMORY.
 */
int xip_cost_take(struct xip_cost *cost, const struct cramfs_table *table,
                  struct cramfs_xip_file *file);

/* When all files are taken: waits for the prices, and sets flash_cost_bytes of files and report. */
void xip_cost_share(struct xip_cost *cost, const struct cramfs_survey *survey,
                    struct cramfs_xip_report *report);

/*
 * The report without prices and profile, at any address, of chosen files alone: those that are the
 * first of their inode and have chosen[entry]. Returns 0 or -CRAMFS_ERR_MEMORY; free in any case.
 */
int xip_report_pages(const struct cramfs_image *image, const struct cramfs_survey *survey,
                     enum cramfs_kernel kernel, const bool *chosen,
                     struct cramfs_xip_report *report);

/* What the kernel does with the first mapping of a file that loses pages; its reason is theirs. */
const struct cramfs_prediction *xip_lost_prediction(const struct cramfs_xip_report *report,
                                                    const struct cramfs_xip_file *file);

/* The part of the text report that a profile adds. Returns 0 or -CRAMFS_ERR_MEMORY. */
int xip_print_profile(const struct cramfs_image *image, const struct cramfs_survey *survey,
                      const struct cramfs_xip_report *report, FILE *out);

/* The files, most lost pages first and then in path order. NULL without memory; free it. */
const struct cramfs_xip_file **xip_by_loss(const struct cramfs_xip_report *report);

#endif
