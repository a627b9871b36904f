/*
 * Bytes of files for many readers at once: only the blocks that are asked for are decoded.
 */
#ifndef CRAMFS_READ_MOUNT_PAGES_H
#define CRAMFS_READ_MOUNT_PAGES_H

#include <stddef.h>
#include <stdint.h>

#include "cramfs/image.h"

struct pages;

/* The image must outlive it. NULL when memory runs out. */
struct pages *pages_create(const struct cramfs_image *image);
void pages_free(struct pages *pages);

/*
 * Reads bytes [offset, offset + length) of a file into `to`, fewer at its end, as read(2) gives
 * them; *got is how many. Any number of threads may call it. Returns 0, -CRAMFS_ERR_FORMAT when one
 * of the blocks cannot be decoded, or -CRAMFS_ERR_MEMORY. The work is that of the requested blocks,
 * whatever the other pointers say.
 */
int pages_read(struct pages *pages, const struct cramfs_inode *inode, uint64_t offset,
               size_t length, unsigned char *to, size_t *got);

/*
 * A link's target with a NUL after it, as a kernel reads it: up to its first zero byte, and shorter
 * than a page. The caller frees *target after 0. Errors are those of pages_read().
 */
int pages_target(struct pages *pages, const struct cramfs_inode *inode, char **target);

#endif
