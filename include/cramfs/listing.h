/*
 * Listings: an image's superblock, entries, inodes and extents, as text for people or as JSON for
 * machines. cramfs-dump(1) documents both.
 *
 * Names are bytes. In text they are written as cramfs_escape() writes them; in JSON, control and
 * format characters are \uXXXX, what is not UTF-8 is U+FFFD, and the bytes follow in hexadecimal.
 * Everything here returns 0, -CRAMFS_ERR_IO or -CRAMFS_ERR_MEMORY.
 */
#ifndef CRAMFS_LISTING_H
#define CRAMFS_LISTING_H

#include <stdio.h>

#include "cramfs/declarations.h"
#include "cramfs/view.h"

CRAMFS_BEGIN_DECLARATIONS

/* The superblock, a line a field. */
int cramfs_print_super(FILE *out, const struct cramfs_image *image);
int cramfs_print_super_json(FILE *out, const struct cramfs_image *image);

/*
 * The listed entries (see cramfs/choose.h) in the order of the image, a line each, as `ls -l`
 * prints them: mode, a mark ('X': all pages that can be direct are; 'x': pages are in place; '!':
 * damage), owner, size or device, path, link target. With `detailed`, also where the data are and
 * the kinds of the pages, under a heading. The JSON always has all of that.
 */
int cramfs_print_list(FILE *out, const struct cramfs_view *view, const bool *listed, bool detailed);
int cramfs_print_list_json(FILE *out, const struct cramfs_view *view, const bool *listed);

/*
 * For each chosen entry: the inode, and its pointer table with the place, length and kind of each
 * block. A table that an earlier entry of the output has is named and not repeated.
 */
int cramfs_print_stat(FILE *out, const struct cramfs_view *view, const bool *chosen);
int cramfs_print_stat_json(FILE *out, const struct cramfs_view *view, const bool *chosen);

/*
 * Writes the path of an extent's owner, NUL-terminated, to `to` (at least CRAMFS_PATH_SIZE bytes)
 * and returns its length.
 */
typedef size_t cramfs_owner_path_fn(const void *context, uint32_t owner, char *to);

/*
 * Every extent of an image of `image_size` bytes in order of offset, with the gaps between them:
 * offset, length, kind, owner. The extents are sorted and merged. The extents of a plan and of a
 * survey print alike, so the two can be compared as text.
 */
int cramfs_print_extents(FILE *out, const struct cramfs_extents *extents, uint64_t image_size,
                         cramfs_owner_path_fn *owner_path, const void *context);

/* The same for a survey whose extents have been merged. */
int cramfs_print_extents_json(FILE *out, const struct cramfs_view *view);

/* What a scan found. */
struct cramfs_scan_counts {
    uint64_t found;
    uint64_t wrong; /* those whose CRC is wrong */
};

/*
 * Every superblock in a file, as cramfs_scan() finds them: a line each under a heading; or an array
 * in JSON, which is empty when there is none. Errors also as cramfs_scan().
 */
int cramfs_print_scan(FILE *out, const char *path, struct cramfs_scan_counts *counts,
                      struct cramfs_diags *diags);
int cramfs_print_scan_json(FILE *out, const char *path, struct cramfs_scan_counts *counts,
                           struct cramfs_diags *diags);

/* A cramfs_owner_path_fn; the context is a struct cramfs_survey. */
size_t cramfs_survey_owner_path(const void *survey, uint32_t owner, char *to);

CRAMFS_END_DECLARATIONS

#endif
