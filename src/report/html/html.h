/*
 * The parts of the HTML page: each is described in page.html where it goes.
 */
#ifndef CRAMFS_REPORT_HTML_HTML_H
#define CRAMFS_REPORT_HTML_HTML_H

#include "cramfs/html.h"
#include "cramfs/usage.h"
#include "cramfs/xip_report.h"
#include "report/html/what_if.h"
#include "report/list/pages.h"
#include "report/update/causes.h"

/* The data of the page, all found before anything is written. */
struct html {
    FILE *out;
    const struct cramfs_view *view;
    struct cramfs_html_options options;
    struct cramfs_usage usage;
    struct cramfs_xip_report xip;
    struct pages *pages;                /* by entry */
    uint32_t *file_of;                  /* by entry: its number in xip.files; CRAMFS_NO_ENTRY */
    uint64_t kinds[CRAMFS_USAGE_KINDS]; /* bytes */
    uint64_t files_count;               /* entries that are no directories */
    struct cramfs_diff diff;            /* with an older image */
    struct what_if curve;
    struct causes causes; /* the same; usages[0] is that of the older image */
};

/* Returns 0, -CRAMFS_ERR_MEMORY, or -CRAMFS_ERR_USAGE with a diagnostic; free in any case. */
int html_find(struct html *html, struct cramfs_diags *diags);
void html_free(struct html *html);

/* The report's line about an entry; NULL when it is no regular file. */
const struct cramfs_xip_file *html_file(const struct html *html, uint32_t entry);

/* What a reason of the kernel means, and the remedy, in words. */
const char *html_reason_words(enum cramfs_reason reason);

/* The parts. Each returns 0 or -CRAMFS_ERR_MEMORY. */
int html_put_headline(struct html *html);      /* numbers, and bytes by kind */
int html_put_tables(struct html *html);        /* for browsers without JavaScript */
void html_put_strips(const struct html *html); /* the map, a part of the tables */
int html_put_curve(struct html *html);         /* RAM over flash, and where this image is */
int html_put_differences(struct html *html);   /* sums of the comparison */
int html_put_data(struct html *html);          /* the JSON that the script reads */
int html_put_diff_data(struct html *html);     /* a member of it */

#endif
