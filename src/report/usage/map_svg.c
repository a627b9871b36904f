#include "cramfs/map.h"

#include <inttypes.h>
#include <string.h>

#include "base/options.h"
#include "report/text.h"
#include "report/usage/picture.h"
#include "report/usage/svg_text.h"

/* Sizes other than a page's side (report/usage/picture.h) are given in 16ths of that side. */
enum { PARTS = 16, LETTERS = 14, LINE = 20, LEGEND_STEP = 120 };

/* The rows are as long as makes the picture at least as wide as it is high. */
enum { LEAST_ROW_PAGES = 32 };

static const struct {
    const char *kind; /* of an extent; also the name of its class */
    const char *colour;
} looks[] = {
    {"boot", "#9e9e9e"},     {"superblock", "#1a237e"}, {"directory", "#3f51b5"},
    {"table", "#00acc1"},    {"deflated", "#ffb300"},   {"stored", "#ec407a"},
    {"in-place", "#43a047"}, {"hole", "#006064"},       {"faulty", "#d50000"},
    {"gap", "#eceff1"},
};
enum { LOOKS = sizeof(looks) / sizeof(looks[0]) };

/* The wheel zooms at the pointer, a pressed button moves, a double click shows all again. */
static const char script[] =
    "<script><![CDATA[\n"
    "var svg = document.documentElement, box = svg.viewBox.baseVal, held = null;\n"
    "var all = [box.x, box.y, box.width, box.height];\n"
    "function show(x, y, width, height) {\n"
    "  box.x = x; box.y = y; box.width = width; box.height = height;\n"
    "}\n"
    "function place(event) {\n"
    "  var point = svg.createSVGPoint();\n"
    "  point.x = event.clientX; point.y = event.clientY;\n"
    "  return point.matrixTransform(svg.getScreenCTM().inverse());\n"
    "}\n"
    "svg.addEventListener('wheel', function (event) {\n"
    "  var at = place(event), k = event.deltaY < 0 ? 0.8 : 1.25;\n"
    "  event.preventDefault();\n"
    "  show(at.x - (at.x - box.x) * k, at.y - (at.y - box.y) * k, box.width * k, box.height * k);\n"
    "}, {passive: false});\n"
    "svg.addEventListener('mousedown', function (event) {\n"
    "  held = place(event); event.preventDefault();\n"
    "});\n"
    "svg.addEventListener('mouseup', function () { held = null; });\n"
    "svg.addEventListener('mousemove', function (event) {\n"
    "  var at = held && place(event);\n"
    "  if (held) show(box.x + held.x - at.x, box.y + held.y - at.y, box.width, box.height);\n"
    "});\n"
    "svg.addEventListener('dblclick', function () { show.apply(null, all); });\n"
    "]]></script>\n";

static void put_shape(const struct picture *picture, uint64_t offset, uint64_t length)
{
    struct picture_box boxes[PICTURE_BOXES];
    unsigned count = picture_boxes(picture, offset, length, boxes);
    for (unsigned i = 0; i < count; i++)
        fprintf(picture->out, "M%" PRIu64 " %" PRIu64 "H%" PRIu64 "v%" PRIu64 "H%" PRIu64 "z",
                boxes[i].begin, boxes[i].row * picture->page, boxes[i].end,
                boxes[i].rows * picture->page, boxes[i].begin);
}

/* NULL for `extent` is a gap. */
static void put_extent(const struct picture *picture, uint64_t offset, uint64_t length,
                       const struct cramfs_extent *extent)
{
    FILE *out = picture->out;
    const char *kind = extent ? cramfs_extent_kind_name(extent->kind) : "gap";
    fprintf(out, "<path class=\"%s\" d=\"", kind);
    put_shape(picture, offset, length);
    fputs("\"><title>", out);
    if (extent) {
        char path[CRAMFS_PATH_SIZE];
        size_t bytes =
            cramfs_entry_path(&picture->view->survey->entries, extent->owner, path, sizeof(path));
        svg_put_name(out, path, bytes);
        text_put_blocks(out, extent);
        fputs("\n", out);
    }
    fprintf(out, "%s: %" PRIu64 " bytes at %" PRIu64 "</title></path>\n", kind, length, offset);
}

static void put_extents(const struct picture *picture)
{
    const struct cramfs_extents *extents = &picture->view->survey->extents;
    uint64_t size = picture->view->image->reader.size;
    uint64_t reach = 0;
    for (size_t i = 0; i < extents->list_count; i++) {
        const struct cramfs_extent *extent = &extents->list[i];
        if (extent->offset > reach)
            put_extent(picture, reach, extent->offset - reach, NULL);
        put_extent(picture, extent->offset, extent->length, extent);
        if (extent->offset + extent->length > reach)
            reach = extent->offset + extent->length;
    }
    if (size > reach)
        put_extent(picture, reach, size - reach, NULL);
}

/* After all shapes, or the next ones would cover them. */
static void put_names(const struct picture *picture)
{
    const struct cramfs_extents *extents = &picture->view->survey->extents;
    for (size_t i = 0; i < extents->list_count; i++)
        labels_put_name(picture, &extents->list[i]);
}

/* One path for all of them: a stroke down the row where each begins. */
static void put_erase_blocks(const struct picture *picture, uint64_t erase_block)
{
    if (!erase_block)
        return;
    fputs("<path class=\"erase\" d=\"", picture->out);
    for (uint64_t at = 0; at < picture->view->image->reader.size; at += erase_block)
        fprintf(picture->out, "M%" PRIu64 " %" PRIu64 "v%" PRIu64, at % picture->row_bytes,
                at / picture->row_bytes * picture->page, picture->page);
    fputs("\"/>\n", picture->out);
}

static void put_styles(const struct picture *picture)
{
    FILE *out = picture->out;
    uint64_t part = picture->page / PARTS;
    fprintf(out,
            "<style>\ntext{font:%" PRIu64 "px sans-serif}\n"
            "path{stroke:#fff;stroke-width:%" PRIu64 "}\n"
            "path:hover{stroke:#000;stroke-width:%" PRIu64 "}\n"
            "path.erase{stroke:#000;stroke-width:%" PRIu64 ";fill:none;pointer-events:none}\n",
            LETTERS * part, part / 5, part / 2, part);
    for (size_t i = 0; i < LOOKS; i++)
        fprintf(out, ".%s{fill:%s}\n", looks[i].kind, looks[i].colour);
    labels_put_styles(picture);
    fputs("</style>\n", out);
}

static void put_legend(const struct picture *picture, uint64_t erase_block)
{
    FILE *out = picture->out;
    uint64_t part = picture->page / PARTS;
    uint64_t y = (picture->rows + 1) * picture->page;
    uint64_t columns = picture->row_bytes / (LEGEND_STEP * part);
    for (size_t i = 0; i < LOOKS; i++) {
        uint64_t left = i % columns * LEGEND_STEP * part;
        uint64_t top = y + i / columns * LINE * part;
        fprintf(out,
                "<rect class=\"%s\" x=\"%" PRIu64 "\" y=\"%" PRIu64 "\" width=\"%" PRIu64
                "\" height=\"%" PRIu64 "\"/><text x=\"%" PRIu64 "\" y=\"%" PRIu64 "\">%s</text>\n",
                looks[i].kind, left, top, LETTERS * part, LETTERS * part, left + LINE * part,
                top + 12 * part, looks[i].kind);
    }
    y += (LOOKS + columns - 1) / columns * LINE * part + 12 * part;
    fprintf(out, "<text x=\"0\" y=\"%" PRIu64 "\">%" PRIu64 " bytes, %" PRIu64 " in a row</text>\n",
            y, picture->view->image->reader.size, picture->row_bytes);
    y += LINE * part;
    /* On a line of its own: the narrowest picture has no room for it after the other. */
    if (erase_block) {
        fprintf(out,
                "<text x=\"0\" y=\"%" PRIu64 "\">a line where an erase block of %" PRIu64
                " bytes begins</text>\n",
                y, erase_block);
        y += LINE * part;
    }
    fprintf(out,
            "<text x=\"0\" y=\"%" PRIu64 "\">the wheel zooms, a held button moves, a double click "
            "shows all</text>\n",
            y);
}

int cramfs_print_map_svg(FILE *out, const struct cramfs_view *view,
                         const struct cramfs_map_options *given)
{
    struct cramfs_map_options options;
    options_copy(&options, sizeof(options), given);
    uint64_t page = view->image->page_size;
    uint64_t pages = (view->image->reader.size + page - 1) / page;
    uint64_t row_pages = LEAST_ROW_PAGES;
    while (row_pages * row_pages < pages)
        row_pages *= 2;
    struct picture picture = {
        .out = out,
        .view = view,
        .page = page,
        .row_bytes = row_pages * page,
        .rows = (pages + row_pages - 1) / row_pages,
    };
    /* Half a page around it, room for the offsets to the left and for the legend below. */
    uint64_t left = labels_width(&picture) + page / 2;
    fprintf(out,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"-%" PRIu64 " -%" PRIu64 " %" PRIu64
            " %" PRIu64 "\" width=\"100%%\" height=\"100%%\">\n<title>cramfs image</title>\n",
            left, page / 2, left + picture.row_bytes + page / 2, (picture.rows + 10) * page);
    put_styles(&picture);
    put_extents(&picture);
    put_erase_blocks(&picture, options.erase_block);
    put_names(&picture);
    labels_put_offsets(&picture);
    put_legend(&picture, options.erase_block);
    fputs(script, out);
    fputs("</svg>\n", out);
    return ferror(out) ? -CRAMFS_ERR_IO : 0;
}
