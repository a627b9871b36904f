/*
 * Which pages of a file go in place, and why.
 *
 * A page in place is worth its flash only where a kernel will map it: in read-only segments.
 * Writable segments never map directly, so their pages are compressed, unless a read-only segment
 * shares the page.
 *
 * A kernel with an MMU maps a prefix of each mapping directly, whatever follows it. A kernel
 * without an MMU maps all pages of a mapping or copies all to RAM; there a mapping is chosen as a
 * whole or not at all.
 */
#ifndef CRAMFS_SELECT_H
#define CRAMFS_SELECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cramfs/declarations.h"
#include "cramfs/mapping.h"

CRAMFS_BEGIN_DECLARATIONS

/* Which parts of a file are to go in place. */
enum cramfs_xip {
    CRAMFS_XIP_DEFAULT,  /* of one file: the same as of all files; never a selection's */
    CRAMFS_XIP_NONE,     /* nothing in place: compressed */
    CRAMFS_XIP_STORED,   /* nothing in place, and not compressed either */
    CRAMFS_XIP_TEXT,     /* the executable segments of a program */
    CRAMFS_XIP_READONLY, /* all its segments that are not writable */
    CRAMFS_XIP_ALL,      /* a program as a whole */
    CRAMFS_XIP_FILE,     /* any file as a whole, but for scripts and what no loader takes */
};

enum cramfs_selection_reason {
    CRAMFS_SELECTED,               /* at least one page is in place */
    CRAMFS_SELECTION_OFF,          /* CRAMFS_XIP_NONE */
    CRAMFS_SELECTION_STORED,       /* CRAMFS_XIP_STORED */
    CRAMFS_SELECTION_SCRIPT,       /* its interpreter reads it; nothing ever maps it */
    CRAMFS_SELECTION_NO_PROGRAM,   /* data, a script */
    CRAMFS_SELECTION_NOT_LOADABLE, /* a kernel module, an object file, a core */
    CRAMFS_SELECTION_MALFORMED,    /* see `fault` */
    CRAMFS_SELECTION_COPIED,       /* the kernel's loader copies it to RAM */
    CRAMFS_SELECTION_NO_SEGMENT,   /* no segment of that kind that this page size can map */
    CRAMFS_SELECTION_WHOLE_PAGES,  /* only its last page, which must not be (see below) */
    CRAMFS_SELECTION_OVERLAPPING,  /* without MMU: two mappings of it begin in one page */
    CRAMFS_SELECTION_LAST_PAGE,    /* with pages of 64 KiB: its last page does not compress */
    CRAMFS_SELECTION_NOT_WORTH,    /* there is a budget or a profile, and others save more */
};

struct cramfs_selection {
    enum cramfs_selection_reason reason;
    enum cramfs_xip xip; /* what was asked for */
    const char *fault;   /* of a malformed file: a static phrase */
    uint32_t pages;      /* how many are in place */
    bool last_excluded;  /* the last page would be in place, but for the rule below */
    /* What its other blocks became; the plan sets these, and all members below. */
    uint32_t deflated;
    uint32_t stored;
    uint32_t holes;
    /*
     * Known when the plan chooses, both in bytes. flash_cost is the share of this file in the
     * budget summary's cost: all shares add up to it, and a file with several names has its share
     * with the first. ram_saved is the length of its pages in place, each of which saves a page of
     * RAM at most.
     */
    uint64_t flash_cost;
    uint64_t ram_saved;
    /* With cramfs_plan_options.split, for a file with such mappings: */
    uint32_t mappings_added; /* by cuts; then the file differs from the one in its source */
    const char *uncut;       /* why it is not cut: a static phrase */
    /* The mappings that use the pages in place; each has a prefix of its pages in place, or all. */
    struct cramfs_mapping *mappings;
    size_t mappings_count;
};

/*
 * Decides for each page of the file in `bytes`, which are untrusted; `in_place` has one element for
 * each page. The last page of a file of whole pages is never chosen: read(2) would return zeroes
 * for it (cramfs_read_folio() takes size % page for its length). Without an MMU, neither is a
 * mapping that contains it. Without an MMU a file has nothing in place when two of its mappings
 * begin in the same page and end in different ones, since that kernel keeps direct mappings by
 * address. Returns 0 or -CRAMFS_ERR_MEMORY; free the selection after 0.
 */
int cramfs_select(const void *bytes, size_t size, uint32_t page_size, enum cramfs_kernel kernel,
                  enum cramfs_xip xip, bool *in_place, struct cramfs_selection *selection);

void cramfs_selection_free(struct cramfs_selection *selection);

/* The reason as a phrase, for -v: "read-only segments", "not a program". */
const char *cramfs_selection_text(const struct cramfs_selection *selection);

CRAMFS_END_DECLARATIONS

#endif
