/*
 * Maps: an image as a picture of what is where, for a terminal or for a browser.
 */
#ifndef CRAMFS_MAP_H
#define CRAMFS_MAP_H

#include <stdio.h>

#include "cramfs/declarations.h"
#include "cramfs/usage.h"

CRAMFS_BEGIN_DECLARATIONS

struct cramfs_map_options {
    size_t size;          /* see declarations.h */
    uint64_t erase_block; /* bytes of one; 0: they are not shown */
    uint32_t columns;     /* of the terminal; the fewest that a map needs if there are fewer */
    bool colours;         /* ANSI colours by kind */
};

/*
 * Draws a character a page: the letter of the kind that most of its bytes are of, in rows with the
 * offset in front, a '|' where an erase block begins, and a legend. So that any image fits some
 * screens, a character of a large one stands for 2, 4, 8... pages, which the legend tells. Returns
 * 0, -CRAMFS_ERR_IO or -CRAMFS_ERR_MEMORY.
 */
int cramfs_print_map(FILE *out, const struct cramfs_view *view, const struct cramfs_usage *usage,
                     const struct cramfs_map_options *options);

/*
 * Writes an SVG 1.1 document that needs nothing else: a shape for each extent and gap, in rows from
 * the first byte to the last, with owner and numbers as its <title>, which browsers show when the
 * pointer rests on it; lines where erase blocks begin; a legend. A script in it zooms with the
 * wheel and moves with the pointer. Of the options only erase_block counts. The view's extents have
 * been merged. Names are hostile: what XML cannot hold is written as \ooo. Returns 0 or
 * -CRAMFS_ERR_IO.
 */
int cramfs_print_map_svg(FILE *out, const struct cramfs_view *view,
                         const struct cramfs_map_options *options);

CRAMFS_END_DECLARATIONS

#endif
