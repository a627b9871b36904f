/*
 * Numbers for the pages of two images: pages with the same bytes have the same number.
 *
 * Workers look at pages ahead (look.h), in pairs of pages that probably hold the same. The first
 * thread gives the numbers, in the order in which the pages were added. Pages with equal checksums
 * get hashes, and pages with equal hashes are compared. No bytes are kept: to compare a page with
 * another than its partner, both are read again. So at most six pages are read for each page that
 * gets a number.
 */
#ifndef CRAMFS_REPORT_DIFF_PAGE_NUMBERS_H
#define CRAMFS_REPORT_DIFF_PAGE_NUMBERS_H

#include "report/diff/look.h"

/* The numbers that are not found by comparing. */
enum { PAGE_ZEROES, PAGE_UNREADABLE, FIRST_PAGE };

struct page_numbers;

/* With `jobs` workers. NULL when memory runs out. *images is the caller's. */
struct page_numbers *page_numbers_create(const struct look_images *images, unsigned jobs);
void page_numbers_free(struct page_numbers *pages);

/*
 * Workers look at these pages: at `chunk` of a block of each image, or of one if the other is NULL.
 * found[] are for page_number_at(). Return 0 or -CRAMFS_ERR_MEMORY; page_numbers_wait() waits for
 * all of them.
 */
int page_numbers_look(struct page_numbers *pages, const struct cramfs_block *const blocks[2],
                      const uint32_t chunks[2], uint32_t found[2]);
int page_numbers_wait(struct page_numbers *pages);

/* The number of a page that page_numbers_look() has found, after page_numbers_wait(). */
uint32_t page_number_at(const struct page_numbers *pages, uint32_t found);

/*
 * The number of `chunk` of a block. A page that no worker has looked at is looked at now. Not while
 * workers look at pages. Returns 0 or -CRAMFS_ERR_MEMORY.
 */
int page_number(struct page_numbers *pages, int side, const struct cramfs_block *block,
                uint32_t chunk, uint32_t *number);

#endif
