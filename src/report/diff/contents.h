/*
 * Numbers for contents: two pages, or two files, of one or of two images have the same number when
 * their bytes are the same.
 *
 * A place in an image is inflated when it is first asked for, and compared with the one place whose
 * hash is the same; after that its number is known. So the work follows from the images' sizes, not
 * from how many names their files have or how often one block is used.
 */
#ifndef CRAMFS_REPORT_DIFF_CONTENTS_H
#define CRAMFS_REPORT_DIFF_CONTENTS_H

#include "cramfs/view.h"

struct diff_contents;

/* The views are the caller's. NULL when memory runs out. */
struct diff_contents *contents_create(const struct cramfs_view *const views[2]);
void contents_free(struct diff_contents *contents);

/*
 * The number of a block of one of the two images: of its bytes from `chunk` times the smaller page
 * of the two on, as far as that goes. (Images with equal pages have nothing but chunk 0.) Zeroes,
 * and what cannot be read, have a number each. Returns 0 or -CRAMFS_ERR_MEMORY.
 */
int contents_page(struct diff_contents *contents, int side, const struct cramfs_block *block,
                  uint32_t chunk, uint32_t *number);

/*
 * The number of what the inode of a file or link holds, its size included; files of no bytes have
 * one, and so have those without a table that can be followed. Returns 0 or -CRAMFS_ERR_MEMORY.
 */
int contents_file(struct diff_contents *contents, int side, uint32_t entry, uint32_t *number);

#endif
