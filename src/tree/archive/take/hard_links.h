/* Hard links of an archive: other names of earlier files, whose bytes may come later. */
#ifndef CRAMFS_TREE_ARCHIVE_TAKE_HARD_LINKS_H
#define CRAMFS_TREE_ARCHIVE_TAKE_HARD_LINKS_H

#include "tree/archive/take/reading.h"

/*
 * Takes an entry that is a hard link; `path` is its path in the tree. Returns 0 or an error of
 * take_archive_entry().
 */
int take_hard_link(struct archive_reading *reading, struct archive_entry *entry, const char *path);

#endif
