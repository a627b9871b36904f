/*
 * The head of the page: a few numbers, and the image's bytes by kind.
 */
#include <inttypes.h>
#include <sys/stat.h>

#include "cramfs/diag.h"
#include "report/html/html.h"
#include "report/html/put.h"
#include "report/text.h"

static void open_card(FILE *out, const char *label)
{
    fprintf(out, "<div class=\"card\"><dt>%s</dt><dd><b>", label);
}

static void close_card(FILE *out)
{
    fputs("</span></dd></div>\n", out);
}

static void put_image_card(const struct html *html)
{
    const struct cramfs_image *image = html->view->image;
    FILE *out = html->out;
    open_card(out, "Image");
    put_size(out, image->reader.size);
    fprintf(out,
            "</b><span>%" PRIu64 " bytes; %" PRIu64 " files, %" PRIu64
            " directories; %s endian, pages of %" PRIu32 " bytes",
            image->reader.size, html->files_count,
            html->view->survey->entries.list_count - html->files_count, text_order(image->order),
            image->page_size);
    close_card(out);
}

static void put_place_card(const struct html *html)
{
    uint64_t bytes = html->kinds[CRAMFS_USAGE_IN_PLACE];
    open_card(html->out, "Stored in place");
    put_size(html->out, bytes);
    fputs("</b><span>", html->out);
    put_share(html->out, bytes, html->view->image->reader.size);
    fputs(" of the image is pages that a kernel could map", html->out);
    close_card(html->out);
}

static void put_direct_card(const struct html *html)
{
    const struct cramfs_xip_report *xip = &html->xip;
    open_card(html->out, "Direct pages");
    put_share(html->out, xip->direct_pages, xip->possible_pages);
    fprintf(html->out,
            "</b><span>%" PRIu64 " of the %" PRIu64
            " pages that can be direct; the files have %" PRIu64 " in all (kernel: %s)",
            xip->direct_pages, xip->possible_pages, xip->pages,
            cramfs_kernel_names()[html->options.kernel]);
    close_card(html->out);
}

/* Without a profile it is not known which pages are touched, so the number is an upper bound. */
static void put_ram_card(const struct html *html)
{
    const struct cramfs_xip_report *xip = &html->xip;
    uint64_t page = html->view->image->page_size;
    if (xip->profiled) {
        open_card(html->out, "RAM saved for the profile");
        put_size(html->out, xip->touched_direct_pages * page);
        fprintf(html->out,
                "</b><span>%" PRIu64 " of the %" PRIu64
                " pages that it touches are direct; at most ",
                xip->touched_direct_pages, xip->touched_pages);
        put_size(html->out, xip->ram_saved_bytes);
        fputs(" if it touched all direct pages", html->out);
    } else {
        open_card(html->out, "RAM saved, at most");
        put_size(html->out, xip->ram_saved_bytes);
        fputs("</b><span>if every direct page is touched; a profile shows which are", html->out);
    }
    close_card(html->out);
}

static void put_lost_card(const struct html *html)
{
    uint64_t lost = html->xip.possible_pages - html->xip.direct_pages;
    open_card(html->out, "Lost pages");
    fprintf(html->out, "%" PRIu64 "</b><span>", lost);
    put_size(html->out, lost * html->view->image->page_size);
    fputs(" that could be direct and are not", html->out);
    close_card(html->out);
}

static void put_cost_card(const struct html *html)
{
    open_card(html->out, "Flash cost");
    put_size(html->out, html->xip.flash_cost_bytes);
    fprintf(html->out,
            "</b><span>more for pages in place than for compressed pages (estimate: %s, level %d)",
            cramfs_compressor_name(CRAMFS_COMPRESSOR_DEFAULT), CRAMFS_DEFAULT_LEVEL);
    close_card(html->out);
}

static void put_kind_bar(const struct html *html)
{
    enum { WIDTH = 1000, HEIGHT = 24 };
    uint64_t size = html->view->image->reader.size;
    uint64_t sum = 0;
    if (!size) /* in an image with a damaged superblock */
        return;
    fprintf(html->out,
            "<svg class=\"bar\" viewBox=\"0 0 %d %d\" preserveAspectRatio=\"none\" role=\"img\" "
            "aria-label=\"Bytes by kind; the table has the numbers\">",
            WIDTH, HEIGHT);
    for (int kind = 0; kind < CRAMFS_USAGE_KINDS; kind++) {
        uint64_t begin = sum * WIDTH / size;
        sum += html->kinds[kind];
        uint64_t end = sum * WIDTH / size;
        if (end > begin)
            fprintf(html->out,
                    "<rect class=\"k%d\" x=\"%" PRIu64 "\" y=\"0\" width=\"%" PRIu64
                    "\" height=\"%d\"/>",
                    kind, begin, end - begin, HEIGHT);
    }
    fputs("</svg>\n", html->out);
}

static void put_kinds(const struct html *html)
{
    FILE *out = html->out;
    fputs("<h2>Where the bytes go</h2>\n", out);
    put_kind_bar(html);
    fputs("<table class=\"kinds\"><thead><tr><th scope=\"col\">Kind</th><th scope=\"col\" "
          "class=\"n\">Bytes</th><th scope=\"col\" class=\"n\">Share</th></tr></thead><tbody>\n",
          out);
    for (int kind = 0; kind < CRAMFS_USAGE_KINDS; kind++) {
        if (!html->kinds[kind])
            continue;
        fprintf(out,
                "<tr><td><svg class=\"key\" viewBox=\"0 0 1 1\" aria-hidden=\"true\"><rect "
                "class=\"k%d\" width=\"1\" height=\"1\"/></svg>%s</td>",
                kind, cramfs_usage_kind_name((enum cramfs_usage_kind)kind));
        put_number_cell(out, html->kinds[kind]);
        fputs("<td class=\"n\">", out);
        put_share(out, html->kinds[kind], html->view->image->reader.size);
        fputs("</td></tr>\n", out);
    }
    fputs("</tbody></table>\n", out);
}

int html_put_headline(struct html *html)
{
    FILE *out = html->out;
    if (html->view->damage && html->view->damage->errors)
        fputs("<p class=\"warning\">The image is damaged, and not all of it is shown; cramfsck "
              "prints the errors.</p>\n",
              out);
    fputs("<dl class=\"cards\">\n", out);
    put_image_card(html);
    put_place_card(html);
    put_direct_card(html);
    put_ram_card(html);
    put_lost_card(html);
    put_cost_card(html);
    fputs("</dl>\n", out);
    put_kinds(html);
    return 0;
}

static void put_difference_card(const struct html *html)
{
    const struct cramfs_diff *diff = &html->diff;
    open_card(html->out, "Erase blocks that differ");
    fprintf(html->out,
            "%" PRIu64 "</b><span>of %" PRIu64 " blocks of %" PRIu64 " bytes; about %" PRIu64
            " must, however the new image is laid out",
            diff->erase_blocks_differing, diff->erase_blocks, diff->erase_block,
            diff->erase_blocks_least);
    close_card(html->out);
}

static void put_changes_card(const struct html *html)
{
    const struct cramfs_diff *diff = &html->diff;
    open_card(html->out, "Entries that differ");
    fprintf(html->out,
            "%zu</b><span>pages in place: %" PRIu64 " gained, %" PRIu64 " lost, %" PRIu64 " moved",
            diff->changes_count, diff->xip_gained, diff->xip_lost, diff->moved);
    close_card(html->out);
}

static void put_kind_differences(const struct html *html)
{
    FILE *out = html->out;
    fputs("<table class=\"kinds\"><thead><tr><th scope=\"col\">Kind</th><th scope=\"col\" "
          "class=\"n\">Old bytes</th><th scope=\"col\" class=\"n\">New bytes</th><th "
          "scope=\"col\" class=\"n\">Change</th></tr></thead><tbody>\n",
          out);
    for (int kind = 0; kind < CRAMFS_USAGE_KINDS; kind++) {
        uint64_t before = html->diff.kinds[0][kind];
        uint64_t after = html->diff.kinds[1][kind];
        if (!before && !after)
            continue;
        fprintf(out, "<tr><td>%s</td>", cramfs_usage_kind_name((enum cramfs_usage_kind)kind));
        put_number_cell(out, before);
        put_number_cell(out, after);
        fprintf(out, "<td class=\"n\">%s%" PRId64 "</td></tr>\n", after > before ? "+" : "",
                (int64_t)(after - before));
    }
    fputs("</tbody></table>\n", out);
}

int html_put_differences(struct html *html)
{
    if (!html->options.old_view)
        return 0;
    fputs("<section id=\"differences\"><h2>Differences from the older image</h2>\n<dl "
          "class=\"cards two\">\n",
          html->out);
    put_difference_card(html);
    put_changes_card(html);
    fputs("</dl>\n", html->out);
    put_kind_differences(html);
    fputs("<div id=\"changes\"></div><div id=\"blocks-that-differ\"></div></section>\n", html->out);
    return 0;
}
