/*
 * The results of a gate's demands, for both forms of the report.
 */
#ifndef CRAMFS_REPORT_XIP_GATING_H
#define CRAMFS_REPORT_XIP_GATING_H

#include "cramfs/xip_gate.h"

/* The result of one demand: sums over the files that its glob matches. */
struct demanded {
    uint64_t files;
    uint64_t short_files; /* files with too few direct pages */
    uint64_t possible_pages;
    uint64_t direct_pages;
};

/* A file with too few direct pages, and the demand on it with the highest percentage. */
struct short_file {
    const struct cramfs_xip_file *file;
    size_t demand;
};

struct gating {
    const struct cramfs_xip_gate *gate;
    const char *image;
    const struct cramfs_survey *survey;
    const struct cramfs_xip_report *report;
    FILE *out;
    const struct cramfs_xip_file **files; /* most lost pages first */
    bool image_short;                     /* the image as a whole has too few direct pages */
    uint64_t image_short_files;           /* files that have fewer than is demanded of the image */
    struct demanded *demanded;            /* by demand */
    struct short_file *short_files;       /* at most all files */
    size_t short_files_count;
    int error; /* -CRAMFS_ERR_MEMORY: a glob was not matched, so the results are incomplete */
};

/* The number of the demand on the image as a whole. */
#define DEMAND_ON_IMAGE SIZE_MAX

/* The percentage of a demand. */
unsigned gating_percent(const struct gating *gating, size_t number);

/*
 * Why a demand is not met; NULL if it is met. A demand that matches no file is not met: the file
 * may have been renamed.
 */
const char *gating_failure(const struct gating *gating, size_t number);

/*
 * Compares the files with the demands; gate, survey and report are set. Returns 0 or
 * -CRAMFS_ERR_MEMORY; close in any case.
 */
int gating_open(struct gating *gating);
void gating_close(struct gating *gating);

#endif
