/*
 * The XIP report: what a kernel will map directly from an image, file by file and mapping by
 * mapping; how much RAM that saves; what it costs in flash; and what is lost: the pages that can be
 * direct (cramfs/possible_pages.h) and are not.
 *
 * Flash is the price of running in place: a page in place takes a whole page, and compressed it
 * would take less. The difference is its flash cost. It is measured by compressing the page again,
 * with the default compressor and level, whatever the image was made with. A stored page with a
 * direct pointer that is not aligned has a cost, too, but it takes only its bytes. The cost of a
 * page that several files share is counted for the first of them in path order. So is everything
 * about an inode with several names. The files therefore add up to the totals.
 */
#ifndef CRAMFS_XIP_REPORT_H
#define CRAMFS_XIP_REPORT_H

#include <stdbool.h>
#include <stdio.h>

#include "cramfs/declarations.h"
#include "cramfs/possible_pages.h"
#include "cramfs/profile.h"
#include "cramfs/program.h"
#include "cramfs/survey.h"

CRAMFS_BEGIN_DECLARATIONS

struct cramfs_xip_mapping {
    struct cramfs_mapping asked;
    struct cramfs_prediction predicted;
};

/* Instead of a mapping's number: the file is not a program, and was examined as a whole. */
#define CRAMFS_XIP_WHOLE SIZE_MAX

struct cramfs_xip_file {
    uint32_t entry;
    struct cramfs_prediction whole; /* of a read-only private mapping of the whole file */
    enum cramfs_program_kind kind;
    size_t first_mapping; /* in the report's list: what the loader of a program asks for */
    size_t mappings_count;
    /* Pages that are direct in some mapping which stays: in a program its own mappings, in another
     * file the mapping of the whole file. */
    uint64_t direct_pages;
    uint64_t possible_pages; /* that can be direct at all; at least direct_pages */
    /* If pages are lost: the first mapping with a lost page, or CRAMFS_XIP_WHOLE. */
    size_t short_mapping;
    /* The next two are 0 for further names of an inode. */
    uint64_t ram_saved_bytes;  /* direct_pages times the page: at most, when all are touched */
    uint64_t flash_cost_bytes; /* of the pages in place that no earlier file has */
    /*
     * The first file that has this file's first shared page in place; CRAMFS_NO_ENTRY if it shares
     * no page with an earlier file. With an MMU sharing saves flash. Without one it is a hazard:
     * that kernel keeps direct mappings by address, and panics when the second of two inodes is
     * mapped there (CRAMFS_RULE_IN_PLACE_SHARED of the checker).
     */
    uint32_t shares_with;
    /*
     * With a profile, the touches of all names of the inode. The same for all names, except that a
     * further name with another size, which only a damaged image has, has 0.
     */
    uint64_t touched_pages;
    uint64_t touched_direct_pages;
};

/* A touched page of the profile that no mapping has directly. */
struct cramfs_xip_missed {
    uint32_t entry;  /* the first name of its inode */
    uint64_t offset; /* of the page in the file */
    uint64_t touches;
};

/* How many pages could be direct and are not. */
static inline uint64_t cramfs_xip_lost_pages(const struct cramfs_xip_file *file)
{
    return file->possible_pages - file->direct_pages;
}

/*
 * With a profile: how many direct pages nobody touches; their flash could be saved. Not known for a
 * further name of another size: all its direct pages count.
 */
static inline uint64_t cramfs_xip_untouched_pages(const struct cramfs_xip_file *file)
{
    return file->direct_pages - file->touched_direct_pages;
}

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
    uint64_t possible_pages;
    uint64_t ram_saved_bytes;
    uint64_t flash_cost_bytes;
    uint64_t narrow_programs; /* ELF of 32 bits: their kernel may know no address above 4 GiB */
    /* With a profile: */
    bool profiled;
    uint64_t touched_pages;
    uint64_t touched_direct_pages;    /* what the workload of the profile saves */
    struct cramfs_xip_missed *missed; /* most touches first */
    size_t missed_count;
    size_t missed_capacity;
    uint64_t address; /* of the placement that was assumed */
    enum cramfs_kernel kernel;
};

/*
 * Any address that is page aligned and not 0 gives the same report. The report uses this one: no
 * machine has memory there. The JSON has null for it.
 */
#define CRAMFS_ANY_ADDRESS ((uint64_t)1 << 63)

/*
 * Makes the report for an image at a physical address (0: none, nothing maps) and a kernel. Returns
 * 0 or -CRAMFS_ERR_MEMORY; free in any case. A file whose blocks cannot be read counts as data; a
 * file whose pointer table cannot be followed is left out. Where files claim more pages together
 * than the image has pointers, which the checker reports, the last programs count as data, too:
 * reading them all would have no bound.
 */
int cramfs_xip_report(const struct cramfs_image *image, const struct cramfs_survey *survey,
                      uint64_t address, enum cramfs_kernel kernel,
                      struct cramfs_xip_report *report);
/*
 * The same with a profile (NULL: none), which adds the counts of touched pages. The touches of all
 * names of an inode add up. Paths that are not in the image are ignored. `jobs` threads find out
 * what pages in place would take otherwise; 0 counts as 1, and the result is the same for any
 * number.
 */
int cramfs_xip_report_profiled(const struct cramfs_image *image, const struct cramfs_survey *survey,
                               uint64_t address, enum cramfs_kernel kernel,
                               const struct cramfs_profile *profile, unsigned jobs,
                               struct cramfs_xip_report *report);
void cramfs_xip_report_free(struct cramfs_xip_report *report);

/*
 * Why the file has lost pages, in the kernel's words: the reason of the first mapping that falls
 * short. NULL when no page is lost; else in `buffer` (64 bytes are enough) or static.
 */
const char *cramfs_xip_lost_reason(const struct cramfs_xip_report *report,
                                   const struct cramfs_xip_file *file, char *buffer, size_t size);

/* How the text is printed. */
struct cramfs_xip_print_options {
    size_t size;        /* see declarations.h */
    const bool *chosen; /* by entry: files to list, with their segments; NULL: all files */
    bool verbose;       /* segments of all listed files */
    bool colours;       /* ANSI colours in the bars */
    uint32_t columns;   /* of the terminal; 0: 80 */
};

/*
 * For people: sums over all files, the reasons why pages are lost, then a line for each file, those
 * that lost most first. A path that is too long for the columns is cut at its beginning, except
 * where segments follow. `options` may be NULL. Returns 0, -CRAMFS_ERR_IO or _MEMORY.
 */
int cramfs_xip_report_print(const struct cramfs_image *image, const struct cramfs_survey *survey,
                            const struct cramfs_xip_report *report,
                            const struct cramfs_xip_print_options *options, FILE *out);

/* For machines, files in path order: the JSON that cramfsck(1) documents. Returns 0, -CRAMFS_ERR_IO
 * or _MEMORY. */
int cramfs_xip_report_json(const struct cramfs_image *image, const struct cramfs_survey *survey,
                           const struct cramfs_xip_report *report, FILE *out);

CRAMFS_END_DECLARATIONS

#endif
