/*
 * What stat(2) and statfs(2) show of a mounted image: the same as Linux 6.12.
 *
 *  - The inode number of a file, link or directory with data is the offset of its data (the pointer
 *    table, or the first entry). All other entries have the offset of their own entry, plus 1. That
 *    of an empty root is 1.
 *  - All link counts are 1, and all times 0.
 *  - Blocks of 512 bytes are counted from the size, whatever the data take in the image.
 *  - The root gets the permissions 0555 besides its own.
 *  - A device number has 8 bits of major and 8 of minor.
 */
#ifndef CRAMFS_READ_MOUNT_ATTRIBUTES_H
#define CRAMFS_READ_MOUNT_ATTRIBUTES_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "cramfs/walk.h"

/* Whether Linux knows the type; an entry of an unknown type cannot be looked up. */
bool attributes_known_type(const struct cramfs_inode *inode);

void attributes_of_entry(const struct cramfs_image *image, const struct cramfs_entries *entries,
                         uint32_t entry, struct stat *status);

/* The counts are those of the superblock, or 0 where it has none. */
void attributes_of_image(const struct cramfs_image *image, struct statvfs *status);

/* The size of a file or link: 0 when the inode does not say where its bytes are. */
uint32_t attributes_size(const struct cramfs_inode *inode);

#endif
