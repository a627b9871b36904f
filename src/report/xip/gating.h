/*
 * The results of a gate's demands, for both forms of the report.
 */
#ifndef CRAMFS_REPORT_XIP_GATING_H
#define CRAMFS_REPORT_XIP_GATING_H

#include "cramfs/xip_gate.h"

/* The result of a demand. */
struct demanded {
    uint64_t files; /* that its glob matches */
    uint64_t short_files;
    uint64_t possible_pages; /* of all these files */
    uint64_t direct_pages;
};

/* A file with too few direct pages, and the demand on it that asks for most. */
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
    const struct cramfs_xip_file **files; /* those that lost most first */
    bool image_short;                     /* the image as a whole falls short */
    struct demanded *demanded;            /* by demand */
    struct short_file *short_files;       /* at most all files */
    size_t short_files_count;
    int error; /* -CRAMFS_ERR_MEMORY: it is not known which files a demand is for */
};

/* The number of the demand on the image as a whole. */
#define DEMAND_ON_IMAGE SIZE_MAX

/* How many percent a demand asks for. */
unsigned gating_percent(const struct gating *gating, size_t number);

/* Why a demand is not met; NULL when it is. */
const char *gating_failure(const struct gating *gating, size_t number);

/*
 * Compares the files with the demands; gate, survey and report are set. Returns 0 or
 * -CRAMFS_ERR_MEMORY; close in any case.
 */
int gating_open(struct gating *gating);
void gating_close(struct gating *gating);

#endif
