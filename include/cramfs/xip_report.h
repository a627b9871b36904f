/*
 * The XIP report: what a kernel will map directly from an image, file by file and mapping by
 * mapping, how much RAM that saves and what it costs in flash.
 */
#ifndef CRAMFS_XIP_REPORT_H
#define CRAMFS_XIP_REPORT_H

#include <stdio.h>

#include "cramfs/program.h"
#include "cramfs/survey.h"

struct cramfs_xip_mapping {
    struct cramfs_mapping asked;
    struct cramfs_prediction predicted;
};

struct cramfs_xip_file {
    uint32_t entry;
    struct cramfs_prediction whole; /* of a read-only private mapping of the whole file */
    enum cramfs_program_kind kind;
    size_t first_mapping; /* in the report's list: what the loader of a program asks for */
    size_t mappings_count;
    /* Pages that some mapping which stays has direct: of a program its own mappings, of another
     * file the whole-file one. */
    uint64_t direct_pages;
};

struct cramfs_xip_report {
    struct cramfs_xip_file *files; /* regular files, in path order */
    size_t files_count;
    size_t files_capacity;
    struct cramfs_xip_mapping *mappings;
    size_t mappings_count;
    size_t mappings_capacity;
    /* Totals count each inode once, however many names it has. */
    uint64_t pages;
    uint64_t direct_pages;
    uint64_t ram_saved_bytes; /* direct_pages times the page */
    int64_t flash_cost_bytes; /* in-place pages, less what the default level makes of them */
    uint64_t address;         /* the placement that was assumed */
    enum cramfs_kernel kernel;
};

/*
 * Any address that is page aligned and not 0 gives the same report; this one, where no machine has
 * memory, stands for them. The JSON says null for it.
 */
#define CRAMFS_ANY_ADDRESS ((uint64_t)1 << 63)

/*
 * Makes the report for an image at a physical address (0: none, nothing maps) and a kernel. Returns
 * 0 or -CRAMFS_ERR_MEMORY; free in any case. A file whose blocks cannot be read counts as data; one
 * whose pointer table cannot be followed is left out.
 */
int cramfs_xip_report(const struct cramfs_image *image, const struct cramfs_survey *survey,
                      uint64_t address, enum cramfs_kernel kernel,
                      struct cramfs_xip_report *report);
void cramfs_xip_report_free(struct cramfs_xip_report *report);

/* For people. Returns 0 or -CRAMFS_ERR_IO. */
int cramfs_xip_report_print(const struct cramfs_image *image, const struct cramfs_survey *survey,
                            const struct cramfs_xip_report *report, FILE *out);

/* For machines: the JSON that cramfsck(1) documents. Returns 0, -CRAMFS_ERR_IO or _MEMORY. */
int cramfs_xip_report_json(const struct cramfs_image *image, const struct cramfs_survey *survey,
                           const struct cramfs_xip_report *report, FILE *out);

#endif
