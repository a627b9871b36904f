/*
 * The kinds of an entry's pages.
 */
#ifndef CRAMFS_REPORT_LIST_PAGES_H
#define CRAMFS_REPORT_LIST_PAGES_H

#include "cramfs/view.h"

struct pages {
    uint32_t all;
    uint32_t in_place;
    uint32_t deflated;
    uint32_t stored;
    uint32_t holes;
    uint32_t faulty;
};

/*
 * Counts the pages of every entry; those of an inode once, however many names it has. NULL when
 * memory runs out; the caller frees.
 */
struct pages *pages_count(const struct cramfs_view *view);

#endif
