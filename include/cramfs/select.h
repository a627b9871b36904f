/*
 * Which pages of a file go in place, and why.
 *
 * A page is worth its flash only where a kernel will map it: pages of read-only PT_LOAD segments.
 * Writable segments never map directly, so their pages are compressed, unless a read-only segment
 * shares the page.
 */
#ifndef CRAMFS_SELECT_H
#define CRAMFS_SELECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum cramfs_xip {
    CRAMFS_XIP_AUTO, /* every page of a read-only PT_LOAD */
    CRAMFS_XIP_NONE,
};

enum cramfs_selection_reason {
    CRAMFS_SELECTED,               /* at least one page is in place */
    CRAMFS_SELECTION_OFF,          /* CRAMFS_XIP_NONE */
    CRAMFS_SELECTION_NOT_ELF,      /* data, a script */
    CRAMFS_SELECTION_NOT_LOADABLE, /* a kernel module, an object file, a core */
    CRAMFS_SELECTION_MALFORMED,    /* see `fault` */
    CRAMFS_SELECTION_NO_READONLY,  /* no read-only segment that this page size can map */
    CRAMFS_SELECTION_WHOLE_PAGES,  /* only its last page, which must not be (see below) */
};

struct cramfs_selection {
    enum cramfs_selection_reason reason;
    const char *fault;  /* of a malformed ELF file: a static phrase */
    uint32_t pages;     /* how many are in place */
    bool last_excluded; /* a last page that would have been, but for the rule below */
};

/*
 * Decides for each page of the file in `bytes`, which are hostile; `in_place` has room for one
 * entry a page. The last page of a file of whole pages is never chosen: read(2) would return zeroes
 * for it (cramfs_read_folio() takes size % page for its length). Returns 0 or -CRAMFS_ERR_MEMORY.
 */
int cramfs_select(const void *bytes, size_t size, uint32_t page_size, enum cramfs_xip xip,
                  bool *in_place, struct cramfs_selection *selection);

/* The reason as a phrase, for -v: "read-only segments", "not an ELF file". */
const char *cramfs_selection_text(const struct cramfs_selection *selection);

#endif
