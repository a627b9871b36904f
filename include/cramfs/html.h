/*
 * The report for a browser: one HTML page about an image, that needs nothing else.
 */
#ifndef CRAMFS_HTML_H
#define CRAMFS_HTML_H

#include <stdio.h>

#include "cramfs/declarations.h"
#include "cramfs/mapping.h"
#include "cramfs/profile.h"
#include "cramfs/view.h"

CRAMFS_BEGIN_DECLARATIONS

struct cramfs_html_options {
    size_t size;                          /* see declarations.h */
    const char *name;                     /* of the image, for the title; NULL: none */
    const struct cramfs_view *old_view;   /* the image to compare with; NULL: none */
    const struct cramfs_profile *profile; /* which pages are touched; NULL: not known */
    const char *what_if;  /* a file with the JSON of a curve, see mkcramfs-xip(1); NULL: none */
    uint64_t erase_block; /* bytes of one; 0: CRAMFS_DEFAULT_ERASE_BLOCK */
    enum cramfs_kernel kernel; /* that maps the image, at any page-aligned address */
};

/*
 * Writes the page: headline numbers, a treemap of flash by directory, a table of files with their
 * segments and the kernel's reasons, and a map by erase block; with a profile also pages that are
 * touched and not direct, and the reverse; with a what-if curve where on it the
 * image is; with an older image also what differs, by file and by
 * erase block. Its numbers are those of cramfs/usage.h, xip_report.h and diff.h.
 *
 * Style and script are in the page, and its content security policy allows no other, nor any access
 * to a network or file. Names are hostile: they are text in it, escaped as by cramfs_escape(). A
 * browser without JavaScript shows tables. The same input gives the same bytes. The views' extents
 * are not merged. Returns 0, -CRAMFS_ERR_IO or -CRAMFS_ERR_MEMORY; or -CRAMFS_ERR_USAGE with a
 * diagnostic when erase blocks of the two images cannot be compared (see cramfs/erase_blocks.h), or
 * the curve is not one of such an image.
 */
int cramfs_print_html(FILE *out, const struct cramfs_view *view,
                      const struct cramfs_html_options *options, struct cramfs_diags *diags);

CRAMFS_END_DECLARATIONS

#endif
