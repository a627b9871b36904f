/*
 * Of what kinds an entry's pages are.
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

/*
 * The mark of a listing: '!' when something is wrong with the entry, 'X' when all its pages are in
 * place, 'x' when some are, else '-'.
 */
char pages_mark(const struct cramfs_view *view, uint32_t entry, const struct pages *pages);

#endif
