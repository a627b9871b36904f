/*
 * Images as sources of a tree: an image is taken apart, and packed again with other sources laid
 * over it. Packed with the options that it was built with, the tree of an image makes that image.
 *
 *     cramfs_tree_read_image(tree, "old.img", NULL, 1, &diags);
 *     cramfs_tree_read_directory(tree, "overlay", &diags);
 *
 * An image's name, edition, byte order, page size, padding and boot code do not belong to its tree;
 * the options of the new image set them. Names that shared their bytes become files of their own,
 * which the builder stores once.
 */
#ifndef CRAMFS_IMAGE_SOURCE_H
#define CRAMFS_IMAGE_SOURCE_H

#include "cramfs/declarations.h"
#include "cramfs/image.h"
#include "cramfs/tree.h"

CRAMFS_BEGIN_DECLARATIONS

/*
 * Lays an image over the tree; the mode and owner of its root become the root's. The image is
 * opened with `options` as cramfs_image_open() does (NULL: as most images are), and checked as a
 * whole with `jobs` threads (0 counts as 1) before anything is taken. When the image has errors
 * with the page size that opening found, and none with tree->page_size, its page size is
 * tree->page_size.
 *
 * An image with errors is refused: each error is reported, up to a thousand, with its path in the
 * image. Where tree->allow has CRAMFS_LOSS_DAMAGED, these are warnings, and the rest is taken: a
 * file with a damaged block is left out, and so is a damaged directory with all that is in it. An
 * image whose root cannot be read is always refused.
 *
 * The bytes of files stay in the image, which must not change until the tree is freed. Returns 0,
 * the errors of cramfs_image_open(), or -CRAMFS_ERR_FORMAT for an image with errors.
 */
int cramfs_tree_read_image(struct cramfs_tree *tree, const char *path,
                           const struct cramfs_open_options *options, unsigned jobs,
                           struct cramfs_diags *diags);

/*
 * Lays an archive or an image over the tree, whichever the file is; "-" is standard input. An image
 * may be compressed or come from a pipe, too; it is then kept in a temporary file, as
 * cramfs_tree_read_archive() does. Returns as that function and cramfs_tree_read_image() do.
 */
int cramfs_tree_read_file(struct cramfs_tree *tree, const char *path, unsigned jobs,
                          struct cramfs_diags *diags);

CRAMFS_END_DECLARATIONS

#endif
