/*
 * The map for a browser without JavaScript: a strip for each erase block, or for several of them
 * where there are many, with the kinds of its bytes to scale.
 */
#include <inttypes.h>

#include "report/html/html.h"
#include "report/html/put.h"

enum { MOST_STRIPS = 256, UNITS = 512 };

/* One kind, from one unit of the strip to another. */
struct run {
    int kind; /* -1: none yet */
    uint64_t begin;
    uint64_t end;
};

static void put_run(FILE *out, const struct run *run)
{
    if (run->end > run->begin)
        fprintf(out,
                "<rect class=\"k%d\" x=\"%" PRIu64 "\" y=\"0\" width=\"%" PRIu64
                "\" height=\"10\"/>",
                run->kind, run->begin, run->end - run->begin);
}

static void add_to_run(FILE *out, struct run *run, int kind, uint64_t end)
{
    if (end <= run->end)
        return; /* narrower than a unit */
    if (kind != run->kind) {
        put_run(out, run);
        *run = (struct run){kind, run->end, run->end};
    }
    run->end = end;
}

/* Draws the bytes from `begin` on; `at` is the piece that covers it, and goes on to the next. */
static void put_strip(const struct html *html, uint64_t begin, uint64_t length, size_t *at)
{
    const struct cramfs_usage *usage = &html->usage;
    struct run run = {.kind = -1};
    fprintf(html->out,
            "<svg class=\"bar\" viewBox=\"0 0 %d 10\" preserveAspectRatio=\"none\" "
            "aria-hidden=\"true\">",
            UNITS);
    for (; *at < usage->pieces_count; ++*at) {
        const struct cramfs_piece *piece = &usage->pieces[*at];
        uint64_t end = piece->offset + piece->length - begin;
        add_to_run(html->out, &run, (int)piece->kind,
                   (end < length ? end : length) * UNITS / length);
        if (end >= length) {
            *at += end == length;
            break;
        }
    }
    put_run(html->out, &run);
    fputs("</svg>", html->out);
}

void html_put_strips(const struct html *html)
{
    const struct cramfs_usage *usage = &html->usage;
    uint64_t size = html->view->image->reader.size;
    uint64_t length = html->options.erase_block;
    size_t at = 0;
    while (length < size / MOST_STRIPS)
        length *= 2;
    fprintf(html->out,
            "<h2>Map</h2>\n<p>Each strip is %" PRIu64 " bytes, erase blocks are %" PRIu64
            " bytes.</p>\n<table class=\"strips\"><thead><tr><th scope=\"col\" "
            "class=\"n\">Offset</th><th scope=\"col\">Bytes by kind</th><th scope=\"col\">First "
            "owner</th></tr></thead><tbody>\n",
            length, html->options.erase_block);
    for (uint64_t begin = 0; begin < size && at < usage->pieces_count; begin += length) {
        uint32_t owner = usage->pieces[at].owner;
        fputs("<tr>", html->out);
        put_number_cell(html->out, begin);
        fputs("<td>", html->out);
        put_strip(html, begin, length, &at);
        fputs("</td><td class=\"path\"><bdi>", html->out);
        put_path(html->out, PUT_MARKUP, html->view->survey, owner);
        fputs("</bdi></td></tr>\n", html->out);
    }
    fputs("</tbody></table>\n", html->out);
}
