/*
 * An image where an archive may be: in a file, in a pipe, compressed. What reads images is above
 * this folder, and is handed in.
 */
#ifndef CRAMFS_TREE_ARCHIVE_IMAGE_H
#define CRAMFS_TREE_ARCHIVE_IMAGE_H

#include "tree/archive/take/take.h"

struct archive_images {
    /*
     * Lays an image over the tree. It begins at `offset` of the file that is called `path`, or is
     * all of `kept`, a file of `size` bytes that nobody else has and that stays the caller's; -1
     * when it is in its own. Returns 0 or an error, which it has reported.
     */
    int (*read)(const struct archive_images *images, struct cramfs_tree *tree, const char *path,
                uint64_t offset, int kept, uint64_t size, struct cramfs_diags *diags);
};

/* cramfs_tree_read_archive(), where an image will do, too. */
int read_archive_or_image(struct cramfs_tree *tree, const char *path,
                          const struct archive_images *images, struct cramfs_diags *diags);

/* Reads the rest of the stream, which is an image. Returns 0 or an error. */
int read_image(struct archive_reading *reading);

#endif
