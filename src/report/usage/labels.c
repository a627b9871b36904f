/*
 * The texts in the picture: offsets of rows, and names where they have room.
 */
#include <inttypes.h>

#include "report/text.h"
#include "report/usage/picture.h"
#include "report/usage/svg_text.h"

enum {
    MOST_OFFSETS = 64,
    OFFSET_DIGITS = 10,
    LEAST_LETTERS = 128, /* letters are no smaller than the picture's width by this, */
    MOST_LETTERS = 24,   /* and no larger than by this */
    MARGIN = 8,          /* both of a box's, in parts of its width */
};

/* A letter of a font of one width is 0.6 times as wide as the font is large. */
static uint64_t text_width(size_t columns, uint64_t font)
{
    return columns * font * 3 / 5;
}

/* The number of rows between two offsets, so that every offset can be read. */
static uint64_t offset_step(const struct picture *picture)
{
    return (picture->rows + MOST_OFFSETS - 1) / MOST_OFFSETS;
}

static uint64_t offset_font(const struct picture *picture)
{
    uint64_t font = offset_step(picture) * picture->page * 3 / 4;
    uint64_t most = picture->row_bytes / 40;
    return font < most ? font : most;
}

uint64_t labels_width(const struct picture *picture)
{
    return text_width(OFFSET_DIGITS + 1, offset_font(picture));
}

void labels_put_styles(const struct picture *picture)
{
    fprintf(picture->out,
            ".offset{font:%" PRIu64 "px monospace;text-anchor:end;fill:#757575}\n"
            ".name{font-family:monospace;pointer-events:none}\n"
            ".light{fill:#fff}\n",
            offset_font(picture));
}

void labels_put_offsets(const struct picture *picture)
{
    uint64_t font = offset_font(picture);
    /* In the middle of the row, or at its foot where the letters are higher than it is. */
    uint64_t baseline = picture->page / 2 + font / 3;
    baseline = baseline < picture->page ? baseline : picture->page - 1;
    for (uint64_t row = 0; row < picture->rows; row += offset_step(picture))
        fprintf(picture->out,
                "<text class=\"offset\" x=\"-%" PRIu64 "\" y=\"%" PRIu64 "\">%" PRIu64 "</text>\n",
                font / 2, row * picture->page + baseline, row * picture->row_bytes);
}

static uint64_t height_of(const struct picture *picture, const struct picture_box *box)
{
    return box->rows * picture->page;
}

/* The size of letters with which a text of so many columns fits into the box. */
static uint64_t fitting_font(const struct picture *picture, const struct picture_box *box,
                             size_t columns)
{
    uint64_t height = height_of(picture, box);
    uint64_t width = box->end - box->begin;
    uint64_t room = width - width / MARGIN;
    uint64_t font = room * 5 / 3 / columns;
    uint64_t most = picture->row_bytes / MOST_LETTERS;
    most = most < height * 3 / 4 ? most : height * 3 / 4;
    return font < most ? font : most;
}

static const struct picture_box *largest(const struct picture *picture,
                                         const struct picture_box *boxes, unsigned count)
{
    const struct picture_box *most = boxes;
    for (unsigned i = 1; i < count; i++) {
        if ((boxes[i].end - boxes[i].begin) * height_of(picture, &boxes[i]) >
            (most->end - most->begin) * height_of(picture, most))
            most = &boxes[i];
    }
    return most;
}

static bool is_dark(enum cramfs_extent_kind kind)
{
    return kind == CRAMFS_EXTENT_SUPER || kind == CRAMFS_EXTENT_DIRECTORY ||
           kind == CRAMFS_EXTENT_HOLE || kind == CRAMFS_EXTENT_FAULTY;
}

static void put_text(const struct picture *picture, const struct picture_box *box, uint64_t font,
                     const char *text, size_t length, bool dark)
{
    uint64_t middle = box->row * picture->page + height_of(picture, box) / 2;
    uint64_t width = box->end - box->begin;
    fprintf(picture->out,
            "<text class=\"name%s\" style=\"font-size:%" PRIu64 "px\" x=\"%" PRIu64
            "\" y=\"%" PRIu64 "\" textLength=\"%" PRIu64 "\" lengthAdjust=\"spacingAndGlyphs\">",
            dark ? " light" : "", font, box->begin + width / MARGIN / 2, middle + font / 3,
            text_width(svg_columns(text, length), font));
    svg_put_name(picture->out, text, length);
    fputs("</text>\n", picture->out);
}

/* What follows the last slash. */
static const char *last_name(const char *path, size_t *length)
{
    size_t at = *length;
    while (at && path[at - 1] != '/')
        at--;
    *length -= at;
    return path + at;
}

void labels_put_name(const struct picture *picture, const struct cramfs_extent *extent)
{
    struct picture_box boxes[PICTURE_BOXES];
    uint64_t least = picture->row_bytes / LEAST_LETTERS;
    unsigned count = picture_boxes(picture, extent->offset, extent->length, boxes);
    const struct picture_box *box = largest(picture, boxes, count);
    if (fitting_font(picture, box, 1) < least)
        return; /* no room for a letter, as in most extents */
    char path[CRAMFS_PATH_SIZE];
    size_t length =
        cramfs_entry_path(&picture->view->survey->entries, extent->owner, path, sizeof(path));
    const char *text = path;
    uint64_t font = fitting_font(picture, box, svg_columns(text, length));
    if (font < least && length > 1) {
        text = last_name(path, &length);
        font = length ? fitting_font(picture, box, svg_columns(text, length)) : 0;
    }
    if (font >= least)
        put_text(picture, box, font, text, length, is_dark(extent->kind));
}
