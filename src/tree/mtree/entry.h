/* Takes a line that names an entry into the tree. */
#ifndef CRAMFS_TREE_MTREE_ENTRY_H
#define CRAMFS_TREE_MTREE_ENTRY_H

#include "tree/mtree/reading.h"

/* Returns 0, -CRAMFS_ERR_FORMAT, after which other lines can be taken, or -CRAMFS_ERR_MEMORY. */
int take_entry_line(struct mtree_reading *reading, const struct mtree_line *line);

#endif
