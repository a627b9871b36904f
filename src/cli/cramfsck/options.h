/*
 * The command line of cramfsck.
 */
#ifndef CRAMFS_CLI_CRAMFSCK_OPTIONS_H
#define CRAMFS_CLI_CRAMFSCK_OPTIONS_H

#include "cli/common/open_image.h"
#include "cli/cramfsck/xip_demands.h"
#include "cramfs/check.h"
#include "cramfs/extract.h"

enum report_form {
    REPORT_NONE,
    REPORT_TEXT,
    REPORT_JSON,
};

struct cramfsck_arguments {
    struct open_arguments open; /* its paths: to extract, to report on; none: everything */
    struct cramfs_check_options check;
    bool strict; /* hazards and warnings are errors */
    bool verbose;
    bool quiet;
    bool json;                                /* findings, and the report if any, as one object */
    enum cramfs_finding_severity severity;    /* the lowest severity that is printed */
    const char *extract;                      /* the directory; NULL when nothing is extracted */
    struct cramfs_extract_options extraction; /* except for the chosen paths */
    enum report_form report;
    uint64_t base;
    const char *profile_path; /* NULL: none */
    struct cramfs_xip_gate gate;
};

/*
 * Warns of options without effect. Usually another option was forgotten, and the check is not the
 * intended one.
 */
void report_idle_options(const struct cramfsck_arguments *arguments, struct cramfs_diags *diags);

/* Exits when the line is wrong, and for --help and --version. */
void parse_cramfsck_arguments(int argc, char **argv, struct cramfsck_arguments *arguments);

#endif
