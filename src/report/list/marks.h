/*
 * The marks of a listing: whether what can run in place does.
 */
#ifndef CRAMFS_REPORT_LIST_MARKS_H
#define CRAMFS_REPORT_LIST_MARKS_H

#include "report/list/pages.h"

/*
 * One mark for each entry: '!' when something is wrong with it, 'X' when all its pages are direct
 * that can be, 'x' when some are in place, else '-'. Of a program, pages that can be direct are
 * those of its read-only segments; of any other file all, but for the last one of whole pages,
 * which read(2) would lose. Only those of `listed` entries are exact. NULL when memory runs out;
 * the caller frees.
 */
char *marks_find(const struct cramfs_view *view, const struct pages *pages, const bool *listed);

#endif
