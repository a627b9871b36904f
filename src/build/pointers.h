/*
 * Block pointers of a laid-out table.
 */
#ifndef CRAMFS_BUILD_POINTERS_H
#define CRAMFS_BUILD_POINTERS_H

#include "build/layout.h"

/*
 * Writes the pointers of a table, in host order, to `pointers` (as many as the table has slots).
 * Returns 0, or -CRAMFS_ERR_INTERNAL when arrangement and layout contradict each other: a plain
 * pointer would not reach its block. Checked for every pointer of every image, since the kernel
 * would say nothing.
 */
int table_pointers(const struct encoded_tree *encoded, const struct arrangement *arrangement,
                   const struct layout *layout, uint32_t page_size, const struct table *table,
                   uint32_t *pointers);

#endif
