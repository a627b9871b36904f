/*
 * Estimates how many erase blocks must differ between two images, however the second is laid out.
 *
 * Some bytes must change at their place in the first image: the superblock; the entries of changed
 * files; the entries of a directory from the first added or removed one up to the new length of the
 * directory; a pointer table, or the entry that leads to it, if a new block has no room in the
 * place of the old one. New bytes can be anywhere: encoded blocks whose content the first image
 * does not have in that form, tables of another length, and all entries of a directory that has
 * grown, which then need not change at their old place. (The root's entries cannot move, so they
 * change at their place even if the root has grown.) New bytes count as their sum, rounded up to
 * erase blocks.
 *
 * The number is an estimate: new bytes may also have room in an erase block that must change
 * anyway. So cramfs_diff() lowers it to the number of erase blocks that differ.
 */
#ifndef CRAMFS_REPORT_DIFF_MUST_DIFFER_H
#define CRAMFS_REPORT_DIFF_MUST_DIFFER_H

#include "report/diff/contents.h"

struct must_differ;

/* NULL when memory runs out. The rest is the caller's. */
struct must_differ *must_differ_create(const struct cramfs_view *const views[2],
                                       struct diff_contents *contents, uint64_t erase_block);
void must_differ_free(struct must_differ *must_differ);

/* One entry of each image at the same path. Returns 0 or -CRAMFS_ERR_MEMORY. */
int must_differ_add_pair(struct must_differ *must_differ, const uint32_t entries[2]);

/* An entry that only the second image has. Returns 0 or -CRAMFS_ERR_MEMORY. */
int must_differ_add_new(struct must_differ *must_differ, uint32_t entry);

/*
 * Two directories at the same path with different names in them. Their entries differ from `offset`
 * in the first image up to the length of the second one; if it is longer, all its entries count as
 * new bytes.
 */
void must_differ_add_directories(struct must_differ *must_differ, const uint32_t entries[2],
                                 uint64_t offset);

/* The number of erase blocks that must differ. */
uint64_t must_differ_count(struct must_differ *must_differ);

#endif
