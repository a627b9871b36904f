/*
 * How many erase blocks must differ between two images, however the second is laid out.
 *
 * What must change in place, at its place in the first image: the superblock; the entries of what
 * changed, and all that are behind one that was removed; a pointer table, or the entry that leads
 * to it, where a block does not fit into what the old one took. What is new can stand anywhere: the
 * bytes of encoded blocks whose content the first image does not have in that form, of tables of
 * another length, and of directories that have grown; together they take at least as many erase
 * blocks as their sum does, rounded up.
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
 * Two directories at the same path that do not have the same names: from `offset` in the first
 * image on, their entries differ.
 */
void must_differ_add_directories(struct must_differ *must_differ, const uint32_t entries[2],
                                 uint64_t offset);

/* The sum of all that. */
uint64_t must_differ_count(struct must_differ *must_differ);

#endif
