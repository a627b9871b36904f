/*
 * The marks of a listing: whether the pages that can be direct are direct.
 */
#ifndef CRAMFS_REPORT_LIST_MARKS_H
#define CRAMFS_REPORT_LIST_MARKS_H

#include "report/list/pages.h"

/*
 * One mark for each entry: '!' when something is wrong with it, 'X' when all its pages are direct
 * that can be, 'x' when some are in place, else '-'. In a program, the pages of read-only segments
 * can be direct. In any other file all pages can be, except the last page of a file of whole pages,
 * which read(2) would lose. Only those of `listed` entries are exact. NULL when memory runs out;
 * the caller frees.
 */
char *marks_find(const struct cramfs_view *view, const struct pages *pages, const bool *listed);

#endif
