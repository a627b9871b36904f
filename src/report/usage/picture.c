#include "report/usage/picture.h"

static void add(struct picture_box **next, uint64_t begin, uint64_t end, uint64_t row,
                uint64_t rows)
{
    *(*next)++ = (struct picture_box){begin, end, row, rows};
}

unsigned picture_boxes(const struct picture *picture, uint64_t offset, uint64_t length,
                       struct picture_box boxes[PICTURE_BOXES])
{
    struct picture_box *next = boxes;
    uint64_t width = picture->row_bytes;
    uint64_t end = offset + length;
    uint64_t row = offset / width;
    uint64_t last = (end - 1) / width;
    if (row == last) {
        add(&next, offset % width, end - row * width, row, 1);
        return 1;
    }
    if (offset % width)
        add(&next, offset % width, width, row++, 1);
    if (end % width == 0)
        last++;
    if (last > row)
        add(&next, 0, width, row, last - row);
    if (end % width)
        add(&next, 0, end % width, last, 1);
    return (unsigned)(next - boxes);
}
