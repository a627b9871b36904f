/*
 * The tables of a comparison that show growth.
 */
#ifndef CRAMFS_REPORT_DIFF_PRINT_GROWTH_H
#define CRAMFS_REPORT_DIFF_PRINT_GROWTH_H

#include "report/diff/diff.h"

/*
 * Growth by directory, by file, and of ELF files by segment, the 20 largest changes of each.
 * Returns 0 or -CRAMFS_ERR_MEMORY.
 */
int print_growth(FILE *out, const struct cramfs_diff *diff);

#endif
