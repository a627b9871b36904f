/*
 * The picture that a map is drawn into. A unit of it is a byte, so that every number in it is
 * whole: a page is a square with a page's bytes for its sides.
 */
#ifndef CRAMFS_REPORT_USAGE_PICTURE_H
#define CRAMFS_REPORT_USAGE_PICTURE_H

#include "cramfs/view.h"

struct picture {
    FILE *out;
    const struct cramfs_view *view;
    uint64_t page;
    uint64_t row_bytes;
    uint64_t rows;
};

/* A range of the image as up to three boxes: the end of a row, whole rows, the beginning of one. */
struct picture_box {
    uint64_t begin; /* in the row */
    uint64_t end;
    uint64_t row;
    uint64_t rows;
};

enum { PICTURE_BOXES = 3 };

/* Returns how many there are. `length` is not 0. */
unsigned picture_boxes(const struct picture *picture, uint64_t offset, uint64_t length,
                       struct picture_box boxes[PICTURE_BOXES]);

/* How far the offsets reach to the left of the rows. */
uint64_t labels_width(const struct picture *picture);

/* Styles of the texts; the offset at which a row begins, to the left of it. */
void labels_put_styles(const struct picture *picture);
void labels_put_offsets(const struct picture *picture);

/* The owner's path, or the name at its end, where an extent has room for it. */
void labels_put_name(const struct picture *picture, const struct cramfs_extent *extent);

#endif
