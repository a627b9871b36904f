/*
 * Listings: an image's superblock, tree and extents as text for people.
 */
#ifndef CRAMFS_LISTING_H
#define CRAMFS_LISTING_H

#include <stdio.h>

#include "cramfs/survey.h"

/*
 * Writes the path of an extent's owner, NUL-terminated, to `to` (at least CRAMFS_PATH_SIZE bytes)
 * and returns its length.
 */
typedef size_t cramfs_owner_path_fn(const void *context, uint32_t owner, char *to);

/*
 * Every extent of an image of `image_size` bytes in order of offset, with the gaps between them:
 * offset, length, kind, owner. The extents are sorted and merged. Plan and survey print alike, so
 * that planned and found compare as text. Returns 0 or -CRAMFS_ERR_IO.
 */
int cramfs_print_extents(FILE *out, const struct cramfs_extents *extents, uint64_t image_size,
                         cramfs_owner_path_fn *owner_path, const void *context);

/* A cramfs_owner_path_fn; the context is a struct cramfs_survey. */
size_t cramfs_survey_owner_path(const void *survey, uint32_t owner, char *to);

/* The superblock, a line a field. Returns 0 or -CRAMFS_ERR_IO. */
int cramfs_print_super(FILE *out, const struct cramfs_image *image);

/*
 * The tree, a line an entry: mode, owner, size or device, data offset, path, link target. Returns
 * 0, -CRAMFS_ERR_IO or -CRAMFS_ERR_MEMORY.
 */
int cramfs_print_tree(FILE *out, const struct cramfs_image *image,
                      const struct cramfs_survey *survey);

#endif
