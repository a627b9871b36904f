/*
 * Numbers for contents: two pages, or two files, of one or of two images have the same number when
 * their bytes are the same.
 *
 * Files that probably have the same contents, such as those at the same path, are announced first
 * (contents_expect()), and workers read them. The work depends on the sizes of the images, not on
 * how many names a file has or how often a block is used.
 */
#ifndef CRAMFS_REPORT_DIFF_CONTENTS_H
#define CRAMFS_REPORT_DIFF_CONTENTS_H

#include "cramfs/view.h"

struct diff_contents;

/* The views are the caller's; `jobs` threads read them. NULL when memory runs out. */
struct diff_contents *contents_create(const struct cramfs_view *const views[2], unsigned jobs);
void contents_free(struct diff_contents *contents);

/*
 * Before numbers are asked for: workers look at the pages of a file or link of each image, page by
 * page. An entry may be CRAMFS_NO_ENTRY. Each inode is read once. Files that are not announced are
 * read when their number is asked for, by one thread. contents_wait() waits for the workers. Return
 * 0 or -CRAMFS_ERR_MEMORY.
 */
int contents_expect(struct diff_contents *contents, const uint32_t entries[2]);
int contents_wait(struct diff_contents *contents);

/*
 * The number of a block of one of the two images: of its bytes from `chunk` times the smaller page
 * of the two on, as far as that goes. (Images with equal pages have nothing but chunk 0.) All
 * zeroes have one number, and all blocks that cannot be read have another. Returns 0 or
 * -CRAMFS_ERR_MEMORY.
 */
int contents_page(struct diff_contents *contents, int side, const struct cramfs_block *block,
                  uint32_t chunk, uint32_t *number);

/*
 * The number of the contents of a file or link, with its size. All empty files have one number, and
 * all files whose table cannot be followed have another. Returns 0 or -CRAMFS_ERR_MEMORY.
 */
int contents_file(struct diff_contents *contents, int side, uint32_t entry, uint32_t *number);

#endif
