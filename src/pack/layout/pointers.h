/*
 * Block pointers of a laid-out table.
 */
#ifndef CRAMFS_PACK_LAYOUT_POINTERS_H
#define CRAMFS_PACK_LAYOUT_POINTERS_H

#include "pack/layout/layout.h"

/*
 * Makes the pointers of a table, in host order: *count of them, which the caller frees in any case.
 * Returns 0, -CRAMFS_ERR_MEMORY, or -CRAMFS_ERR_INTERNAL when arrangement and layout contradict
 * each other: a plain pointer would not reach its block. Every pointer of every image is checked,
 * since the kernel would report nothing.
 */
int table_pointers(const struct encoded_tree *encoded, const struct arrangement *arrangement,
                   const struct layout *layout, uint32_t page_size, const struct table *table,
                   uint32_t **pointers, uint32_t *count);

/*
 * Finds the first table with a pointer to the zero word, and makes it the owner of the word's spot;
 * if there is none, removes the spot. Call it when the layout is final. Returns 0,
 * -CRAMFS_ERR_MEMORY or -CRAMFS_ERR_INTERNAL.
 */
int settle_zero_word(const struct encoded_tree *encoded, const struct arrangement *arrangement,
                     struct layout *layout, uint32_t page_size);

#endif
