/*
 * An image where an archive may be: in a file, in a pipe, compressed. The reader of images is in a
 * folder above this one, so the caller passes it in.
 */
#ifndef CRAMFS_TREE_ARCHIVE_IMAGE_H
#define CRAMFS_TREE_ARCHIVE_IMAGE_H

#include "tree/archive/take/take.h"

struct archive_images {
    /*
     * Lays an image over the tree. If `kept` is -1, the image begins at `offset` of the file called
     * `path`. Otherwise it is the whole open file `kept` of `size` bytes, which nobody else has
     * open, and which the caller closes. Returns 0 or an error that it has reported.
     */
    int (*read)(const struct archive_images *images, struct cramfs_tree *tree, const char *path,
                uint64_t offset, int kept, uint64_t size, struct cramfs_diags *diags);
};

/* As cramfs_tree_read_archive(), but the file may also be an image. */
int read_archive_or_image(struct cramfs_tree *tree, const char *path,
                          const struct archive_images *images, struct cramfs_diags *diags);

/* Reads the rest of the stream, which is an image. Returns 0 or an error. */
int read_image(struct archive_reading *reading);

#endif
