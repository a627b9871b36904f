/*
 * Archives that hold archives: packages of opkg, images of containers. Their entries are of no use
 * in an image.
 */
#ifndef CRAMFS_TREE_ARCHIVE_CONTAINERS_H
#define CRAMFS_TREE_ARCHIVE_CONTAINERS_H

#include "tree/archive/take/take.h"

/*
 * Call it after an archive was read. Returns 0, or -CRAMFS_ERR_FORMAT with the remedy if it was one
 * of these.
 */
int refuse_container(const struct archive_reading *reading);

#endif
