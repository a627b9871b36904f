/*
 * Archives that hold archives: packages of opkg, images of containers. What is in them is of no
 * use in an image.
 */
#ifndef CRAMFS_TREE_ARCHIVE_CONTAINERS_H
#define CRAMFS_TREE_ARCHIVE_CONTAINERS_H

#include "tree/archive/take/take.h"

/* After an archive was read: 0, or -CRAMFS_ERR_FORMAT with the remedy when it was one of these. */
int refuse_container(const struct archive_reading *reading);

#endif
