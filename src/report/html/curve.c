/*
 * The curve of RAM saved over the image's size, and where on it this image is: a picture that needs
 * no script, and the same points as a table.
 */
#include <inttypes.h>
#include <json-c/json.h>
#include <string.h>

#include "report/html/html.h"
#include "report/html/put.h"

/* In units of the picture. */
enum { WIDTH = 720, HEIGHT = 300, LEFT = 120, RIGHT = 50, TOP = 20, BOTTOM = 40, TICKS = 4 };

struct axes {
    FILE *out;
    uint64_t least; /* bytes of the image */
    uint64_t most;
    uint64_t ram; /* the most RAM */
};

static unsigned x_of(const struct axes *axes, uint64_t size)
{
    uint64_t along = size < axes->least ? 0 : size - axes->least;
    return LEFT + (unsigned)(along * (WIDTH - LEFT - RIGHT) / (axes->most - axes->least));
}

static unsigned y_of(const struct axes *axes, uint64_t ram)
{
    return HEIGHT - BOTTOM - (unsigned)(ram * (HEIGHT - TOP - BOTTOM) / axes->ram);
}

static void grow(struct axes *axes, uint64_t size, uint64_t ram)
{
    axes->least = size < axes->least ? size : axes->least;
    axes->most = size > axes->most ? size : axes->most;
    axes->ram = ram > axes->ram ? ram : axes->ram;
}

/* RAM that this image saves, counted as the curve counts it; UINT64_MAX when that is not known. */
static uint64_t ram_here(const struct html *html)
{
    if (!html->curve.touched)
        return html->xip.ram_saved_bytes;
    return html->xip.profiled ? html->xip.touched_direct_pages * html->view->image->page_size
                              : UINT64_MAX;
}

static struct axes find_axes(const struct html *html)
{
    const struct what_if *curve = &html->curve;
    uint64_t here = ram_here(html);
    struct axes axes = {.out = html->out, .least = UINT64_MAX};
    for (size_t i = 0; i < curve->points_count; i++)
        grow(&axes, curve->points[i].image_size, curve->points[i].ram_saved);
    grow(&axes, html->view->image->reader.size, here == UINT64_MAX ? 0 : here);
    axes.most += axes.most == axes.least;
    axes.ram += !axes.ram;
    return axes;
}

static void put_ticks(const struct axes *axes)
{
    for (uint64_t i = 0; i <= TICKS; i++) {
        uint64_t size = axes->least + (axes->most - axes->least) * i / TICKS;
        uint64_t ram = axes->ram * i / TICKS;
        fprintf(axes->out,
                "<path class=\"grid\" d=\"M%u %uH%d\"/><text class=\"left\" x=\"%d\" y=\"%u\">",
                (unsigned)LEFT, y_of(axes, ram), WIDTH - RIGHT, LEFT - 6, y_of(axes, ram) + 4);
        put_size(axes->out, ram);
        fprintf(axes->out, "</text><text class=\"below\" x=\"%u\" y=\"%d\">", x_of(axes, size),
                HEIGHT - BOTTOM + 24);
        put_size(axes->out, size);
        fputs("</text>\n", axes->out);
    }
}

static void put_points(const struct html *html, const struct axes *axes)
{
    const struct what_if *curve = &html->curve;
    fputs("<path class=\"curve\" d=\"", axes->out);
    for (size_t i = 0; i < curve->points_count; i++)
        fprintf(axes->out, "%c%u %u", i ? 'L' : 'M', x_of(axes, curve->points[i].image_size),
                y_of(axes, curve->points[i].ram_saved));
    fputs("\"/>\n", axes->out);
    for (size_t i = 0; i < curve->points_count; i++) {
        const struct what_if_point *point = &curve->points[i];
        fprintf(axes->out, "<circle cx=\"%u\" cy=\"%u\" r=\"4\"><title>",
                x_of(axes, point->image_size), y_of(axes, point->ram_saved));
        put_size(axes->out, point->ram_saved);
        fputs(" of RAM saved in an image of ", axes->out);
        put_size(axes->out, point->image_size);
        fprintf(axes->out, ": budget %" PRIu64 " bytes</title></circle>\n", point->budget);
    }
}

static void put_limit(const struct html *html, const struct axes *axes)
{
    uint64_t limit = html->curve.limit;
    if (limit < axes->least || limit > axes->most)
        return;
    fprintf(axes->out, "<path class=\"limit\" d=\"M%u %dV%d\"><title>", x_of(axes, limit), TOP,
            HEIGHT - BOTTOM);
    put_size(axes->out, limit);
    fputs(" is the limit</title></path>\n", axes->out);
}

static void put_here(const struct html *html, const struct axes *axes)
{
    uint64_t size = html->view->image->reader.size;
    uint64_t ram = ram_here(html);
    unsigned x = x_of(axes, size);
    bool right = x > WIDTH / 2;
    fprintf(axes->out, "<path class=\"here\" d=\"M%u %dV%d\"/>", x, TOP, HEIGHT - BOTTOM);
    if (ram != UINT64_MAX)
        fprintf(axes->out, "<circle class=\"here\" cx=\"%u\" cy=\"%u\" r=\"7\"/>", x,
                y_of(axes, ram));
    fprintf(axes->out, "<text class=\"here%s\" x=\"%u\" y=\"%d\">you are here</text>\n",
            right ? " left" : "", right ? x - 10 : x + 10, HEIGHT - BOTTOM - 10);
}

static void put_picture(const struct html *html)
{
    const struct axes axes = find_axes(html);
    fprintf(
        html->out,
        "<svg class=\"chart\" viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"RAM saved over the "
        "size of the image; the table has the numbers\">\n",
        WIDTH, HEIGHT);
    put_ticks(&axes);
    put_limit(html, &axes);
    put_points(html, &axes);
    put_here(html, &axes);
    fputs("</svg>\n", html->out);
}

/* The names of the first files of a point: these come in with the next flash. */
static void put_files(const struct html *html, const struct what_if_point *point)
{
    enum { MOST = 3 };
    size_t count = point->files ? json_object_array_length(point->files) : 0;
    for (size_t i = 0; i < count && i < MOST; i++) {
        struct json_object *path;
        if (!json_object_object_get_ex(json_object_array_get_idx(point->files, i), "path", &path) ||
            !json_object_is_type(path, json_type_string))
            continue;
        fputs(i ? ", <bdi>" : "<bdi>", html->out);
        put_bytes(html->out, PUT_MARKUP, json_object_get_string(path),
                  (size_t)json_object_get_string_len(path));
        fputs("</bdi>", html->out);
    }
    if (count > MOST)
        fprintf(html->out, ", and %zu more", count - MOST);
}

static void put_rows(const struct html *html)
{
    for (size_t i = 0; i < html->curve.points_count; i++) {
        const struct what_if_point *point = &html->curve.points[i];
        fputs("<tr>", html->out);
        put_number_cell(html->out, point->budget);
        put_number_cell(html->out, point->image_size);
        put_number_cell(html->out, point->ram_saved);
        put_number_cell(html->out, point->pages);
        fputs("<td class=\"path\">", html->out);
        put_files(html, point);
        fputs("</td></tr>\n", html->out);
    }
}

int html_put_curve(struct html *html)
{
    if (!html->curve.root)
        return 0;
    fputs("<section id=\"curve\"><h2>RAM for flash</h2>\n<p class=\"about\">Each point is the best "
          "image of its size: ",
          html->out);
    fputs(html->curve.touched ? "RAM counts the pages that a profile touched."
                              : "RAM is an upper bound: it counts every page in place as touched.",
          html->out);
    fputs("</p>\n", html->out);
    put_picture(html);
    fputs("<details><summary>The points</summary><div class=\"scroll\"><table><thead><tr><th "
          "scope=\"col\" class=\"n\">Budget</th><th scope=\"col\" class=\"n\">Image</th><th "
          "scope=\"col\" class=\"n\">RAM saved</th><th scope=\"col\" class=\"n\">Pages</th><th "
          "scope=\"col\">Files that change</th></tr></thead><tbody>\n",
          html->out);
    put_rows(html);
    fputs("</tbody></table></div></details></section>\n", html->out);
    return 0;
}
