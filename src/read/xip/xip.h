/*
 * Parts of the XIP report that several files use, here and in src/report.
 */
#ifndef CRAMFS_READ_XIP_XIP_H
#define CRAMFS_READ_XIP_XIP_H

#include "cramfs/xip_report.h"
#include "read/first_pages.h"

/*
 * The flash cost of all stored pages with a direct pointer: of the pages in place, and of those
 * that are not aligned, which only a kernel without an MMU maps directly. Files are added in path
 * order. A page that several files share counts for the first of them that was added.
 */
struct xip_cost {
    const struct cramfs_image *image;
    enum cramfs_kernel kernel;
    struct first_pages owners; /* the first file of each page */
    uint64_t pool_bytes;       /* of the pages that were given to the pool */
    uint64_t *costs;           /* by entry: flash cost of its pages that the pool is done with */
    struct pool *pool;         /* compresses pages */
    struct cost_job *job;      /* collects pages until it is full and is submitted; or NULL */
};

/* `threads` compress; 0 counts as 1. Returns 0 or -CRAMFS_ERR_MEMORY; close in any case. */
int xip_cost_open(struct xip_cost *cost, const struct cramfs_image *image,
                  const struct cramfs_survey *survey, enum cramfs_kernel kernel, unsigned threads);
void xip_cost_close(struct xip_cost *cost);

/*
 * Adds `file`, which must be the first name of its inode. Gives the pool those of its pages
 * that no earlier file has. Looks for the first page of `file` that an earlier file has, too, and
 * that the kernel can map directly; sets file->shares_with to the first file with that page.
 * Returns 0 or -CRAMFS_ERR_MEMORY.
 */
int xip_cost_add(struct xip_cost *cost, const struct cramfs_table *table,
                 struct cramfs_xip_file *file);

/*
 * Call after the last file. Waits for the pool, then sets flash_cost_bytes: for each file the cost
 * of its own pages, and for the report the sum.
 */
void xip_cost_finish(struct xip_cost *cost, struct cramfs_xip_report *report);

/*
 * Makes a report of only the files for which chosen[entry] is true. The assumed address is
 * CRAMFS_ANY_ADDRESS. There is no profile, and flash costs and shared pages are not computed. Only
 * first names of an inode may be chosen. Returns 0 or -CRAMFS_ERR_MEMORY; free the report in any
 * case.
 */
int xip_report_chosen(const struct cramfs_image *image, const struct cramfs_survey *survey,
                      enum cramfs_kernel kernel, const bool *chosen,
                      struct cramfs_xip_report *report);

/*
 * The prediction for the file's first mapping with a lost page. Its reason is given as the reason
 * for all lost pages of the file.
 */
const struct cramfs_prediction *xip_lost_prediction(const struct cramfs_xip_report *report,
                                                    const struct cramfs_xip_file *file);

#endif
