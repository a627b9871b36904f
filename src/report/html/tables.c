/*
 * The report for a browser without JavaScript: the same facts as plain tables, all of them open.
 * They are in <noscript>, which a browser that runs the script does not even parse.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "cramfs/diag.h"
#include "report/html/html.h"
#include "report/html/put.h"
#include "report/text.h"
#include "report/usage/du.h"
#include "report/xip/print.h"

static void put_head(FILE *out, const char *title, const char *const *columns)
{
    fprintf(out, "<h2>%s</h2>\n<table class=\"plain\"><thead><tr>", title);
    for (size_t i = 0; columns[i]; i++)
        fprintf(out, "<th scope=\"col\">%s</th>", columns[i]);
    fputs("</tr></thead><tbody>\n", out);
}

/* 20,000 rows have many of these, so they are short. */
static void put_plain_number(FILE *out, uint64_t number)
{
    fprintf(out, "<td>%" PRIu64 "</td>", number);
}

static void put_path_cell(const struct html *html, uint32_t entry)
{
    fputs("<td><bdi>", html->out);
    put_path(html->out, PUT_MARKUP, html->view->survey, entry);
    fputs("</bdi></td>", html->out);
}

static int put_directories(const struct html *html)
{
    static const char *const columns[] = {"Directory", "Flash, with all below", "Flash of its own",
                                          NULL};
    struct du_table table;
    int error = du_list_kind(html->view, &html->usage, true, &table);
    put_head(html->out, "Directories", columns);
    for (size_t i = 0; !error && i < table.count; i++) {
        fputs("<tr>", html->out);
        put_path_cell(html, table.list[i].entry);
        put_plain_number(html->out, table.list[i].bytes);
        put_plain_number(html->out, table.list[i].own);
        fputs("</tr>\n", html->out);
    }
    fputs("</tbody></table>\n", html->out);
    du_table_free(&table);
    return error;
}

static void put_mapping(const struct html *html, const struct cramfs_xip_mapping *mapping,
                        bool loses)
{
    char flags[4];
    char buffer[64];
    const struct cramfs_prediction *found = &mapping->predicted;
    const char *phrase = cramfs_reason_text(found, buffer, sizeof(buffer));
    uint64_t kept =
        mapping->asked.kept_pages < found->pages ? mapping->asked.kept_pages : found->pages;
    uint64_t direct = found->direct_pages < kept ? found->direct_pages : kept;
    fprintf(html->out,
            "<li>Segment %" PRId64 ", %s, at 0x%" PRIx64 ": %" PRIu64 " of %" PRIu64
            " pages direct",
            mapping->asked.segment, text_flags(mapping->asked.flags, flags), mapping->asked.offset,
            direct, kept);
    if (direct && direct < kept && !loses)
        fputs(", all that can be", html->out);
    else if (phrase && direct < kept) {
        fputs(": <q>", html->out);
        put_text(html->out, PUT_MARKUP, phrase);
        fprintf(html->out, "</q>. %s", html_reason_words(found->reason));
    }
    fputs("</li>\n", html->out);
}

static void put_details(const struct html *html, uint32_t entry, const struct cramfs_xip_file *file)
{
    FILE *out = html->out;
    if (!file || !file->mappings_count) {
        put_path_cell(html, entry);
        return;
    }
    fputs("<td><details><summary><bdi>", out);
    put_path(out, PUT_MARKUP, html->view->survey, entry);
    fputs("</bdi></summary><ul>\n", out);
    for (size_t i = 0; i < file->mappings_count; i++)
        put_mapping(html, &html->xip.mappings[file->first_mapping + i],
                    cramfs_xip_lost_pages(file) > 0);
    fputs("</ul></details></td>", out);
}

static void put_file_row(const struct html *html, uint32_t entry)
{
    const struct cramfs_xip_file *file = html_file(html, entry);
    fputs("<tr>", html->out);
    put_details(html, entry, file);
    put_plain_number(html->out, html->usage.charged[entry]);
    put_plain_number(html->out, file ? file->ram_saved_bytes : 0);
    put_plain_number(html->out, file ? cramfs_xip_lost_pages(file) : 0);
    if (file)
        fprintf(html->out, "<td>%" PRIu64 " of %" PRIu64 "</td></tr>\n", file->direct_pages,
                file->whole.pages);
    else
        fputs("<td>-</td></tr>\n", html->out);
}

static int put_files(const struct html *html)
{
    static const char *const columns[] = {"File",       "Flash",  "RAM saved, at most",
                                          "Lost pages", "Direct", NULL};
    struct du_table table;
    int error = du_list_kind(html->view, &html->usage, false, &table);
    put_head(html->out, "Files, by flash", columns);
    for (size_t i = 0; !error && i < table.count; i++)
        put_file_row(html, table.list[i].entry);
    fputs("</tbody></table>\n", html->out);
    du_table_free(&table);
    return error;
}

/* Touched pages that are not direct; the page with a script lists all. */
static void put_missed(const struct html *html)
{
    enum { MOST = 200 };
    static const char *const columns[] = {"Touched and not direct", "Offset", "Touches", NULL};
    if (!html->xip.profiled)
        return;
    put_head(html->out, "Hot pages that are not direct", columns);
    for (size_t i = 0; i < html->xip.missed_count && i < MOST; i++) {
        fputs("<tr>", html->out);
        put_path_cell(html, html->xip.missed[i].entry);
        put_plain_number(html->out, html->xip.missed[i].offset);
        put_plain_number(html->out, html->xip.missed[i].touches);
        fputs("</tr>\n", html->out);
    }
    fputs("</tbody></table>\n", html->out);
    if (html->xip.missed_count > MOST)
        fprintf(html->out, "<p>%zu more.</p>\n", html->xip.missed_count - MOST);
}

static void put_idle(const struct html *html)
{
    static const char *const columns[] = {"Direct and not touched", "Pages", NULL};
    if (!html->xip.profiled)
        return;
    put_head(html->out, "Direct pages that nobody touches", columns);
    for (size_t i = 0; i < html->xip.files_count; i++) {
        const struct cramfs_xip_file *file = &html->xip.files[i];
        uint64_t idle = cramfs_xip_untouched_pages(file);
        if (!idle || xip_further_name(html->view->survey, file->entry))
            continue;
        fputs("<tr>", html->out);
        put_path_cell(html, file->entry);
        put_plain_number(html->out, idle);
        fputs("</tr>\n", html->out);
    }
    fputs("</tbody></table>\n", html->out);
}

static void put_changes(const struct html *html)
{
    static const char *const columns[] = {"Entry", "Change", "Old flash", "New flash", NULL};
    if (!html->options.old_view)
        return;
    put_head(html->out, "Entries that differ", columns);
    for (size_t i = 0; i < html->diff.changes_count; i++) {
        const struct cramfs_change *change = &html->diff.changes[i];
        bool both[2];
        for (int side = 0; side < 2; side++)
            both[side] = change->entries[side] != CRAMFS_NO_ENTRY;
        fputs("<tr><td><bdi>", html->out);
        put_path(html->out, PUT_MARKUP, html->diff.views[both[1]]->survey,
                 change->entries[both[1]]);
        fprintf(html->out, "</bdi></td><td>%s</td>",
                !both[0]   ? "added"
                : !both[1] ? "removed"
                           : "changed");
        for (int side = 0; side < 2; side++)
            put_plain_number(html->out,
                             both[side] ? html->causes.usages[side].charged[change->entries[side]]
                                        : 0);
        fputs("</tr>\n", html->out);
    }
    fputs("</tbody></table>\n", html->out);
}

static void put_ranges(const struct html *html)
{
    static const char *const columns[] = {"Offset of erase blocks", "Bytes", NULL};
    struct range range = {0};
    if (!html->options.old_view)
        return;
    put_head(html->out, "Erase blocks that differ", columns);
    while (range_next(&html->diff, range.end, true, &range))
        fprintf(html->out, "<tr><td>%" PRIu64 "</td><td>%" PRIu64 "</td></tr>\n", range.begin,
                range.end - range.begin);
    fputs("</tbody></table>\n", html->out);
}

int html_put_tables(struct html *html)
{
    put_changes(html);
    put_ranges(html);
    int error = put_directories(html);
    if (!error)
        error = put_files(html);
    if (!error) {
        put_missed(html);
        put_idle(html);
        html_put_strips(html);
    }
    return error;
}
