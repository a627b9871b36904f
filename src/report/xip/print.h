/*
 * The parts of the text form of the XIP report: sums, a line for each file, and the mappings of
 * programs.
 */
#ifndef CRAMFS_REPORT_XIP_PRINT_H
#define CRAMFS_REPORT_XIP_PRINT_H

#include "cramfs/xip_report.h"

struct xip_printing {
    FILE *out;
    const struct cramfs_image *image;
    const struct cramfs_survey *survey;
    const struct cramfs_xip_report *report;
    struct cramfs_xip_print_options options;
};

/* Whether the entry is a further name of an inode: its pages are counted for the first name. */
static inline bool xip_further_name(const struct cramfs_survey *survey, uint32_t entry)
{
    uint32_t inode = survey->inode[entry];
    return inode != CRAMFS_NO_ENTRY && inode != entry;
}

/* The image, the kernel, the sums over all files, and the reasons why pages are lost. */
void xip_print_sums(const struct xip_printing *printing);

/* The details of a file: its segments, and the files that share its inode or its pages in place. */
void xip_print_details(const struct xip_printing *printing, const struct cramfs_xip_file *file);

/* The part of the text that a profile adds. Returns 0 or -CRAMFS_ERR_MEMORY. */
int xip_print_profile(const struct cramfs_image *image, const struct cramfs_survey *survey,
                      const struct cramfs_xip_report *report, FILE *out);

#endif
