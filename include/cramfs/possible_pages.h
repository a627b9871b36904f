/*
 * Which pages of a file can be direct at all: the base for "all of it runs in place".
 *
 * Few pages of most files can ever be direct, however the image is made: a kernel maps no writable
 * segment directly, nobody maps a script, and read(2) loses the last page of a file of whole pages
 * when it is in place. A comparison of direct pages with all pages of a file would blame every
 * program for its data. So a page counts as possible
 *
 *  - in a program that a loader maps: when it is in the part of a read-only mapping that stays
 *    after the file is loaded. These are the pages that mkcramfs-xip chooses by default
 *    (cramfs_select() with CRAMFS_XIP_READONLY, whose rules these are), so an image of its own
 *    making has all of them;
 *  - in any other file: when it is in place already, since only the image shows that somebody
 *    means to map it. With an MMU only if the file's first page is in place, too: no mapping of
 *    the whole file is direct without that page, and a block that does not compress may be at a
 *    page boundary by chance. Without an MMU only if every page is in place, at any multiple of
 *    4: there a mapping is all or nothing.
 *
 * The last page of a file of whole pages is never possible. Without an MMU, neither is a mapping
 * that contains it, or one that ends after the file.
 *
 * An image of another maker may have direct pages that are not possible by these rules. The XIP
 * report counts a direct page as a possible one.
 */
#ifndef CRAMFS_POSSIBLE_PAGES_H
#define CRAMFS_POSSIBLE_PAGES_H

#include <stdbool.h>

#include "cramfs/declarations.h"
#include "cramfs/mapping.h"

CRAMFS_BEGIN_DECLARATIONS

/*
 * Sets possible[i], which has one element for each page, for each page of the file of `table` (of
 * at least one byte). `program` is all bytes of the file when that kernel's loader maps it
 * (CRAMFS_PROGRAM_MAPPED); NULL for any other file. Returns 0 or -CRAMFS_ERR_MEMORY.
 */
int cramfs_possible_pages(const struct cramfs_table *table, const void *program,
                          enum cramfs_kernel kernel, bool *possible);

CRAMFS_END_DECLARATIONS

#endif
