/*
 * Which pages of a file can be direct at all: what "all of it runs in place" is measured against.
 *
 * Of most files hardly any page can ever be direct, however the image is made: a kernel maps no
 * writable segment directly, nobody maps a script, and read(2) loses the last page of a file of
 * whole pages when it is in place. To hold direct pages against all pages of a file would blame
 * every program for its data. So a page counts as possible
 *
 *  - of a program that a loader maps: when it lies in the part of a read-only mapping that stays
 *    once the file is loaded. These are the pages that mkcramfs-xip chooses unless told otherwise
 *    (cramfs_select() with CRAMFS_XIP_READONLY, whose rules these are), so an image of its own
 *    making has all of them;
 *  - of any other file: when it is in place already, since nothing but the image tells that
 *    somebody means to map it. With an MMU only if the file's first page is, too: no mapping of the
 *    whole is direct without that one, and a block that does not compress may come to stand at a
 *    page by chance. Without an MMU only if every page is, which is all or nothing there, and then
 *    at any multiple of 4.
 *
 * The last page of a file of whole pages is never possible; nor is, without an MMU, a mapping that
 * has it, or one that ends behind the file.
 *
 * An image of another maker may have pages directly all the same that are not possible by these
 * rules. The XIP report counts a page that is direct as one that can be.
 */
#ifndef CRAMFS_POSSIBLE_PAGES_H
#define CRAMFS_POSSIBLE_PAGES_H

#include <stdbool.h>

#include "cramfs/declarations.h"
#include "cramfs/mapping.h"

CRAMFS_BEGIN_DECLARATIONS

/*
 * Sets possible[i], which has room for one entry a page, for each page of the file of `table` (of
 * at least one byte). `program` is all its bytes when that kernel's loader maps it
 * (CRAMFS_PROGRAM_MAPPED); NULL for any other file. Returns 0 or -CRAMFS_ERR_MEMORY.
 */
int cramfs_possible_pages(const struct cramfs_table *table, const void *program,
                          enum cramfs_kernel kernel, bool *possible);

CRAMFS_END_DECLARATIONS

#endif
