/* The entries of one archive, one by one. */
#ifndef CRAMFS_TREE_ARCHIVE_TAKE_ENTRIES_H
#define CRAMFS_TREE_ARCHIVE_TAKE_ENTRIES_H

#include "tree/archive/take/take.h"

/*
 * Reads the next header and takes its entry. Returns 0 or an error; -CRAMFS_ERR_FORMAT concerns
 * only that entry, and others can be read after it. `*ended` after the last one.
 */
int take_next_entry(struct archive_reading *reading, bool *ended);

/* The error that ends reading, or else the first of the others. */
int worse_error(int error, int other);

#endif
