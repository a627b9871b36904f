/*
 * The picture: RAM saved over the size of the image, and below it what the next KiB of flash saves.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "report/usage/svg_text.h"
#include "report/what_if/scale.h"
#include "report/what_if/what_if.h"

/* Units of the picture: all numbers in it are whole. */
enum {
    WIDTH = 4000,
    HEIGHT = 2480,
    LEFT = 460,
    PLOT_WIDTH = 3380,
    CURVE_TOP = 400,
    CURVE_HEIGHT = 1200,
    BARS_TOP = 1800,
    BARS_HEIGHT = 440,
    LABEL_GAP = 440, /* between the names of files */
    NAME_BYTES = 24,
    TITLE_NAMES = 8,
    MOST_TICKS = 9,
};

struct picture {
    const struct what_if_report *report;
    struct scale sizes;
    struct scale ram;
    struct scale next; /* thousandths */
};

static uint64_t x_of(const struct picture *picture, uint64_t size)
{
    return LEFT + scale_at(&picture->sizes, size);
}

static uint64_t y_of(const struct picture *picture, uint64_t ram)
{
    return CURVE_TOP + CURVE_HEIGHT - scale_at(&picture->ram, ram);
}

static int compare_numbers(const void *first, const void *second)
{
    int64_t a = *(const int64_t *)first;
    int64_t b = *(const int64_t *)second;
    return a < b ? -1 : a > b;
}

/* Nearly free pages save many times more than others, so bars end at three times the median. */
static int scale_next(struct picture *picture)
{
    const struct cramfs_what_if *curve = picture->report->curve;
    int64_t *numbers = calloc(curve->points_count, sizeof(*numbers));
    size_t count = 0;
    if (!numbers)
        return -CRAMFS_ERR_MEMORY;
    for (size_t i = 0; i < curve->points_count; i++)
        count += cramfs_what_if_marginal(curve, i, &numbers[count]);
    qsort(numbers, count, sizeof(*numbers), compare_numbers);
    int64_t most = count ? numbers[count - 1] : 0;
    if (count && most > 3 * numbers[count / 2] && numbers[count / 2] > 0)
        most = 3 * numbers[count / 2];
    picture->next = (struct scale){0, most > 0 ? (uint64_t)most : 1000, BARS_HEIGHT};
    free(numbers);
    return 0;
}

static int make_scales(struct picture *picture)
{
    const struct cramfs_what_if *curve = picture->report->curve;
    const struct cramfs_what_if_bound *bound = picture->report->bound;
    uint64_t low = curve->bare_size;
    uint64_t high = curve->points[curve->points_count - 1].image_size;
    uint64_t ram = 0;
    for (size_t i = 0; i < curve->points_count; i++)
        ram = curve->points[i].ram_saved > ram ? curve->points[i].ram_saved : ram;
    if (bound && bound->size < low)
        low = bound->size;
    picture->sizes = (struct scale){low, high > low ? high : low + 1, PLOT_WIDTH};
    picture->ram = (struct scale){0, ram ? ram : 1, CURVE_HEIGHT};
    return scale_next(picture);
}

static void put_text(const struct picture *picture, const char *class, uint64_t x, uint64_t y,
                     const char *text)
{
    fprintf(picture->report->out,
            "<text class=\"%s\" x=\"%" PRIu64 "\" y=\"%" PRIu64 "\">%s</text>\n", class, x, y,
            text);
}

static void put_line(const struct picture *picture, const char *class, uint64_t x1, uint64_t y1,
                     uint64_t x2, uint64_t y2)
{
    fprintf(picture->report->out,
            "<path class=\"%s\" d=\"M%" PRIu64 " %" PRIu64 "L%" PRIu64 " %" PRIu64 "\"/>\n", class,
            x1, y1, x2, y2);
}

static void put_head(const struct picture *picture)
{
    FILE *out = picture->report->out;
    const struct cramfs_what_if *curve = picture->report->curve;
    fprintf(out,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" "
            "height=\"%d\">\n<title>What running in place costs and saves</title>\n"
            "<style>\n"
            "text{font:52px sans-serif;fill:#222}\n.head{font-size:76px;font-weight:bold}\n"
            ".right{text-anchor:end}\n.middle{text-anchor:middle}\n"
            ".name{font-size:40px;fill:#555}\n.bound-text{fill:#b71c1c;font-weight:bold}\n"
            ".grid{stroke:#ddd;stroke-width:3}\n.axis{stroke:#222;stroke-width:5}\n"
            ".curve{fill:none;stroke:#1565c0;stroke-width:10}\n.point{fill:#1565c0}\n"
            ".own{fill:#fff;stroke:#b71c1c;stroke-width:10}\n"
            ".bound{stroke:#b71c1c;stroke-width:7;stroke-dasharray:24 16}\n"
            ".bar{fill:#90caf9;stroke:#fff;stroke-width:4}\n.cut{fill:#5c9bd6}\n</style>\n"
            "<rect width=\"%d\" height=\"%d\" fill=\"#fff\"/>\n",
            WIDTH, HEIGHT, WIDTH / 4, HEIGHT / 4, WIDTH, HEIGHT);
    put_text(picture, "head", 120, 130, "What running in place costs and saves");
    fprintf(out, "<text x=\"120\" y=\"220\">Image: %" PRIu64 " bytes with nothing in place, ",
            curve->bare_size);
    if (curve->full_size == UINT64_MAX)
        fputs("more than the format's limit with everything", out);
    else
        fprintf(out, "%" PRIu64 " with everything", curve->full_size);
    fputs(picture->report->options->profile
              ? ". RAM: the pages that the profile touched.</text>\n"
              : ". RAM: an upper bound, as if every page were touched.</text>\n",
          out);
}

static void put_bytes(FILE *out, uint64_t bytes, uint64_t unit)
{
    fprintf(out, "%" PRIu64 " %s", bytes / unit, unit == 1024 ? "KiB" : "MiB");
}

/* Ticks of sizes, through both plots. */
static void put_size_axis(const struct picture *picture)
{
    FILE *out = picture->report->out;
    const struct scale *sizes = &picture->sizes;
    uint64_t unit = scale_bytes_unit(sizes);
    uint64_t step = scale_step(sizes, unit, MOST_TICKS);
    for (uint64_t at = (sizes->low + step - 1) / step * step; at <= sizes->high; at += step) {
        uint64_t x = x_of(picture, at);
        put_line(picture, "grid", x, CURVE_TOP, x, BARS_TOP + BARS_HEIGHT);
        fprintf(out, "<text class=\"middle\" x=\"%" PRIu64 "\" y=\"%d\">", x,
                BARS_TOP + BARS_HEIGHT + 80);
        put_bytes(out, at, unit);
        fputs("</text>\n", out);
    }
    put_text(picture, "middle", LEFT + PLOT_WIDTH / 2, BARS_TOP + BARS_HEIGHT + 180,
             "size of the image");
}

static void put_ram_axis(const struct picture *picture)
{
    FILE *out = picture->report->out;
    uint64_t unit = scale_bytes_unit(&picture->ram);
    uint64_t step = scale_step(&picture->ram, unit, MOST_TICKS);
    for (uint64_t at = 0; at <= picture->ram.high; at += step) {
        uint64_t y = y_of(picture, at);
        put_line(picture, "grid", LEFT, y, LEFT + PLOT_WIDTH, y);
        fprintf(out, "<text class=\"right\" x=\"%d\" y=\"%" PRIu64 "\">", LEFT - 30, y + 18);
        put_bytes(out, at, unit);
        fputs("</text>\n", out);
    }
    put_text(picture, "", LEFT, CURVE_TOP - 40,
             picture->report->options->profile ? "RAM saved" : "RAM saved at most");
    put_line(picture, "axis", LEFT, CURVE_TOP, LEFT, CURVE_TOP + CURVE_HEIGHT);
    put_line(picture, "axis", LEFT, CURVE_TOP + CURVE_HEIGHT, LEFT + PLOT_WIDTH,
             CURVE_TOP + CURVE_HEIGHT);
}

static void put_bars_axis(const struct picture *picture)
{
    enum { BARS_TICKS = 4, LEAST_STEP = 100 };
    FILE *out = picture->report->out;
    uint64_t step = scale_step(&picture->next, LEAST_STEP, BARS_TICKS);
    for (uint64_t at = 0; at <= picture->next.high; at += step) {
        uint64_t y = BARS_TOP + BARS_HEIGHT - scale_at(&picture->next, at);
        put_line(picture, at ? "grid" : "axis", LEFT, y, LEFT + PLOT_WIDTH, y);
        fprintf(out,
                "<text class=\"right\" x=\"%d\" y=\"%" PRIu64 "\">%" PRIu64 ".%" PRIu64 "</text>\n",
                LEFT - 30, y + 18, at / 1000, at % 1000 / 100);
    }
    put_text(picture, "", LEFT, BARS_TOP - 40, "KiB of RAM for the next KiB of flash");
}

/* A bar from each point to the next. One that is too high is cut, darker, with its number. */
static void put_bars(const struct picture *picture)
{
    FILE *out = picture->report->out;
    const struct cramfs_what_if *curve = picture->report->curve;
    char number[WHAT_IF_NUMBER_SIZE];
    for (size_t i = 0; i + 1 < curve->points_count; i++) {
        int64_t next;
        if (!cramfs_what_if_marginal(curve, i, &next) || next <= 0)
            continue;
        uint64_t left = x_of(picture, curve->points[i].image_size);
        uint64_t right = x_of(picture, curve->points[i + 1].image_size);
        uint64_t height = scale_at(&picture->next, (uint64_t)next);
        bool cut = (uint64_t)next > picture->next.high;
        what_if_marginal_text(curve, i, "", number);
        fprintf(out,
                "<rect class=\"bar%s\" x=\"%" PRIu64 "\" y=\"%" PRIu64 "\" width=\"%" PRIu64
                "\" height=\"%" PRIu64 "\"><title>%s</title></rect>\n",
                cut ? " cut" : "", left, BARS_TOP + BARS_HEIGHT - height, right - left, height,
                number);
    }
}

static int put_path(const struct picture *picture, const struct cramfs_what_if_file *file,
                    size_t most)
{
    char *path = cramfs_node_path(picture->report->tree->nodes[file->node]);
    if (!path)
        return -CRAMFS_ERR_MEMORY;
    const char *name = most < SIZE_MAX ? strrchr(path, '/') : NULL;
    name = name ? name + 1 : path;
    size_t length = strlen(name);
    svg_put_name(picture->report->out, name, length < most ? length : most);
    if (length > most)
        fputs("...", picture->report->out);
    free(path);
    return 0;
}

/* What a browser shows when the pointer rests on a point. */
static int put_point_title(const struct picture *picture, const struct cramfs_what_if_point *point,
                           const struct cramfs_what_if_file *files)
{
    FILE *out = picture->report->out;
    int error = 0;
    fprintf(out,
            "<title>image %" PRIu64 " bytes, flash %" PRIu64 " bytes, RAM %" PRIu64
            " bytes%s, %" PRIu64 " pages",
            point->image_size, point->flash_cost, point->ram_saved,
            picture->report->options->profile ? "" : " at most", point->pages);
    for (size_t i = 0; !error && i < point->files_count && i < TITLE_NAMES; i++) {
        fprintf(out, "\n%+" PRId64 " pages: ", files[i].added);
        error = put_path(picture, &files[i], SIZE_MAX);
    }
    if (point->files_count > TITLE_NAMES)
        fprintf(out, "\n%zu more files", point->files_count - TITLE_NAMES);
    fputs("</title>", out);
    return error;
}

/*
 * Writes the name of a file under the curve, where there is room: the file that gets the most pages
 * in place at the point.
 */
static int put_name(const struct picture *picture, const struct cramfs_what_if_point *point,
                    const struct cramfs_what_if_file *files, uint64_t *free_from)
{
    uint64_t x = x_of(picture, point->image_size);
    uint64_t y = y_of(picture, point->ram_saved) + 90;
    bool below = y > CURVE_TOP + CURVE_HEIGHT - 20;
    if (!point->files_count || files[0].added <= 0 || x < *free_from || below ||
        x + LABEL_GAP > LEFT + PLOT_WIDTH)
        return 0;
    fprintf(picture->report->out, "<text class=\"name\" x=\"%" PRIu64 "\" y=\"%" PRIu64 "\">",
            x + 20, y);
    int error = put_path(picture, &files[0], NAME_BYTES);
    fputs("</text>\n", picture->report->out);
    *free_from = x + LABEL_GAP;
    return error;
}

static int put_points(const struct picture *picture)
{
    FILE *out = picture->report->out;
    const struct cramfs_what_if *curve = picture->report->curve;
    struct cramfs_what_if_file *files = calloc(curve->files_count + 1, sizeof(*files));
    uint64_t free_from = 0;
    int error = files ? 0 : -CRAMFS_ERR_MEMORY;
    for (size_t i = 0; !error && i < curve->points_count; i++) {
        const struct cramfs_what_if_point *point = &curve->points[i];
        bool own = picture->report->bound && curve->bound_point == i;
        what_if_largest(curve, point, files);
        error = put_name(picture, point, files, &free_from);
        fprintf(out, "<circle class=\"%s\" cx=\"%" PRIu64 "\" cy=\"%" PRIu64 "\" r=\"%d\">",
                own ? "own" : "point", x_of(picture, point->image_size),
                y_of(picture, point->ram_saved), own ? 26 : 16);
        if (!error)
            error = put_point_title(picture, point, files);
        fputs("</circle>\n", out);
    }
    free(files);
    return error;
}

static void put_curve(const struct picture *picture)
{
    FILE *out = picture->report->out;
    const struct cramfs_what_if *curve = picture->report->curve;
    fputs("<path class=\"curve\" d=\"", out);
    for (size_t i = 0; i < curve->points_count; i++)
        fprintf(out, "%c%" PRIu64 " %" PRIu64, i ? 'L' : 'M',
                x_of(picture, curve->points[i].image_size),
                y_of(picture, curve->points[i].ram_saved));
    fputs("\"/>\n", out);
}

/* The line of --fit or another bound, with its text. */
static void put_bound(const struct picture *picture)
{
    FILE *out = picture->report->out;
    const struct cramfs_what_if *curve = picture->report->curve;
    const struct cramfs_what_if_bound *bound = picture->report->bound;
    if (!bound)
        return;
    bool none = curve->bound_point == CRAMFS_WHAT_IF_NONE;
    uint64_t x = x_of(picture, bound->size);
    put_line(picture, "bound", x, CURVE_TOP, x, BARS_TOP + BARS_HEIGHT);
    bool late = x > LEFT + PLOT_WIDTH / 2;
    fprintf(out,
            "<text class=\"bound-text%s\" x=\"%" PRIu64 "\" y=\"%d\">%s: %" PRIu64 " bytes%s"
            "</text>\n",
            late ? " right" : "", late ? x - 30 : x + 30, CURVE_TOP - 110, bound->name, bound->size,
            none                                ? ", less than with nothing in place"
            : bound->size > picture->sizes.high ? ", room for everything"
                                                : "");
}

int what_if_svg(const struct what_if_report *report)
{
    struct picture picture = {.report = report};
    int error = make_scales(&picture);
    if (error)
        return error;
    put_head(&picture);
    put_size_axis(&picture);
    put_ram_axis(&picture);
    put_bars(&picture);
    put_bars_axis(&picture);
    put_bound(&picture);
    put_curve(&picture);
    error = put_points(&picture);
    fputs("</svg>\n", report->out);
    return error;
}
