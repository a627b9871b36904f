/*
 * Maps: an image as a picture, for a terminal or for a browser.
 */
#ifndef CRAMFS_MAP_H
#define CRAMFS_MAP_H

#include <stdio.h>

#include "cramfs/declarations.h"
#include "cramfs/usage.h"

CRAMFS_BEGIN_DECLARATIONS

struct cramfs_map_options {
    size_t size;          /* see declarations.h */
    uint64_t erase_block; /* bytes of one; 0: none are shown */
    uint32_t columns;     /* of the terminal; raised to the fewest that a map needs */
    bool colours;         /* ANSI colours by kind */
};

/*
 * Draws one character for each page: the letter of the kind that most of its bytes are. Each row
 * begins with its offset, a '|' shows where an erase block begins, and a legend follows. So that
 * any image fits on a few screens, a character is 2, 4, 8... pages of a large image; the legend
 * says how many. Returns 0, -CRAMFS_ERR_IO or -CRAMFS_ERR_MEMORY.
 */
int cramfs_print_map(FILE *out, const struct cramfs_view *view, const struct cramfs_usage *usage,
                     const struct cramfs_map_options *options);

/*
 * Writes an SVG 1.1 document that needs no other file: a shape for each extent and gap, in rows
 * from the first byte to the last; owner and numbers in its <title>, which browsers show under the
 * pointer; offsets at the rows, and names where they fit; lines where erase blocks begin; a legend.
 * Its script zooms with the wheel and moves with the pointer. Of the options only erase_block
 * counts. The view's extents must be merged. Names are untrusted: characters that XML cannot hold
 * are written as \ooo. Returns 0 or -CRAMFS_ERR_IO.
 */
int cramfs_print_map_svg(FILE *out, const struct cramfs_view *view,
                         const struct cramfs_map_options *options);

CRAMFS_END_DECLARATIONS

#endif
