/*
 * The page's data: one JSON object, in which each list of objects is a list of columns. The script
 * takes every number from here, and computes nothing about the image but sums by directory.
 */
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

#include "cramfs/diag.h"
#include "report/html/html.h"
#include "report/html/put.h"
#include "report/text.h"
#include "report/xip/print.h"

/* A column of numbers, one for each entry. */
#define PUT_COLUMN(html, key, value)                                                               \
    do {                                                                                           \
        fputs("\"" key "\":[", (html)->out);                                                       \
        for (uint32_t i = 0; i < (html)->view->survey->entries.list_count; i++)                    \
            fprintf((html)->out, "%s%" PRIu64, i ? "," : "", (uint64_t)(value));                   \
        fputs("],\n", (html)->out);                                                                \
    } while (0)

static void put_key(FILE *out, const char *key)
{
    fprintf(out, "\"%s\":", key);
}

static void put_image(const struct html *html)
{
    const struct cramfs_image *image = html->view->image;
    fprintf(html->out,
            "\"image\":{\"size\":%" PRIu64 ",\"page\":%" PRIu32 ",\"erase\":%" PRIu64
            ",\"kernel\":\"%s\",\"profiled\":%s},\n",
            image->reader.size, image->page_size, html->options.erase_block,
            cramfs_kernel_names()[html->options.kernel], html->xip.profiled ? "true" : "false");
}

static void put_kind_names(const struct html *html)
{
    put_key(html->out, "kinds");
    for (int kind = 0; kind < CRAMFS_USAGE_KINDS; kind++)
        fprintf(html->out, "%s\"%s\"", kind ? "," : "[",
                cramfs_usage_kind_name((enum cramfs_usage_kind)kind));
    fputs("],\n", html->out);
}

static void put_reasons(const struct html *html)
{
    put_key(html->out, "reasons");
    for (int reason = 0; reason <= CRAMFS_REASON_SPLIT; reason++) {
        fputs(reason ? "," : "[", html->out);
        put_text(html->out, PUT_SCRIPT, html_reason_words((enum cramfs_reason)reason));
    }
    fputs("],\n", html->out);
}

/* The type of each entry, as the letter that ls prints. */
static void put_types(const struct html *html)
{
    const struct cramfs_entries *entries = &html->view->survey->entries;
    char mode[11];
    put_key(html->out, "type");
    fputc('"', html->out);
    for (uint32_t i = 0; i < entries->list_count; i++)
        fputc(text_mode(entries->list[i].inode.mode, mode)[0], html->out);
    fputs("\",\n", html->out);
}

static void put_names(const struct html *html)
{
    const struct cramfs_entries *entries = &html->view->survey->entries;
    put_key(html->out, "name");
    for (uint32_t i = 0; i < entries->list_count; i++) {
        fputs(i ? ",\n" : "[", html->out);
        put_bytes(html->out, PUT_SCRIPT, entries->list[i].name, entries->list[i].name_bytes);
    }
    fputs("],\n", html->out);
}

static void put_entries(const struct html *html)
{
    const struct cramfs_entry *list = html->view->survey->entries.list;
    fputs("\"entries\":{\n", html->out);
    put_types(html);
    PUT_COLUMN(html, "parent", i ? list[i].parent : 0);
    PUT_COLUMN(html, "size", text_is_device(list[i].inode.mode) ? 0 : list[i].inode.size);
    PUT_COLUMN(html, "flash", html->usage.charged[i]);
    PUT_COLUMN(html, "shared", html->usage.borrowed[i]);
    PUT_COLUMN(html, "damaged", cramfs_view_damaged(html->view, i));
    put_names(html);
    fputs("\"end\":0},\n", html->out);
}

/* A number of an entry, or -1. */
static int64_t entry_or_none(uint32_t entry)
{
    return entry == CRAMFS_NO_ENTRY ? -1 : (int64_t)entry;
}

/*
 * For each regular file: entry, kind of program, pages in all, direct, possible, and in place; RAM;
 * flash cost; the file that it shares pages with; the file whose further name it is; first mapping
 * and how many; touched pages, and how many of these are direct.
 */
static void put_file(const struct html *html, const struct cramfs_xip_file *file)
{
    FILE *out = html->out;
    uint32_t inode = html->view->survey->inode[file->entry];
    fprintf(out, "[%" PRIu32 ",", file->entry);
    put_text(out, PUT_SCRIPT, cramfs_program_kind_name(file->kind));
    fprintf(out, ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu32 ",%" PRIu64 ",%" PRIu64,
            file->whole.pages, file->direct_pages, file->possible_pages,
            html->pages[file->entry].in_place, file->ram_saved_bytes, file->flash_cost_bytes);
    fprintf(out, ",%" PRId64 ",%" PRId64, entry_or_none(file->shares_with),
            xip_further_name(html->view->survey, file->entry) ? (int64_t)inode : -1);
    fprintf(out, ",%zu,%zu,%" PRIu64 ",%" PRIu64 "]", file->first_mapping, file->mappings_count,
            file->touched_pages, file->touched_direct_pages);
}

static void put_files(const struct html *html)
{
    put_key(html->out, "files");
    for (size_t i = 0; i < html->xip.files_count; i++) {
        fputs(i ? ",\n" : "[", html->out);
        put_file(html, &html->xip.files[i]);
    }
    fputs(html->xip.files_count ? "],\n" : "[],\n", html->out);
}

/*
 * For each file that has lost pages and is not a program: the reason, for a mapping of the whole
 * file.
 */
static void put_whole_reasons(const struct html *html)
{
    const char *between = "[";
    put_key(html->out, "whole");
    for (size_t i = 0; i < html->xip.files_count; i++) {
        const struct cramfs_xip_file *file = &html->xip.files[i];
        char buffer[64];
        if (file->mappings_count || !cramfs_xip_lost_pages(file))
            continue;
        const char *phrase = cramfs_reason_text(&file->whole, buffer, sizeof(buffer));
        fprintf(html->out, "%s[%zu,%d,", between, i, (int)file->whole.reason);
        put_text(html->out, PUT_SCRIPT, phrase ? phrase : "");
        fputc(']', html->out);
        between = ",";
    }
    fputs(*between == '[' ? "[],\n" : "],\n", html->out);
}

/* Segment, flags, offset, pages asked for, pages that stay, direct pages, reason: number, phrase.
 */
static void put_mapping(FILE *out, const struct cramfs_xip_mapping *mapping)
{
    char flags[4];
    char buffer[64];
    const char *phrase = cramfs_reason_text(&mapping->predicted, buffer, sizeof(buffer));
    fprintf(out, "[%" PRId64 ",\"%s\",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%d,",
            mapping->asked.segment, text_flags(mapping->asked.flags, flags), mapping->asked.offset,
            mapping->predicted.pages, mapping->asked.kept_pages, mapping->predicted.direct_pages,
            (int)mapping->predicted.reason);
    put_text(out, PUT_SCRIPT, phrase ? phrase : "");
    fputc(']', out);
}

static void put_mappings(const struct html *html)
{
    put_key(html->out, "mappings");
    for (size_t i = 0; i < html->xip.mappings_count; i++) {
        fputs(i ? ",\n" : "[", html->out);
        put_mapping(html->out, &html->xip.mappings[i]);
    }
    fputs(html->xip.mappings_count ? "],\n" : "[],\n", html->out);
}

/* All pieces of the image in order, without gaps: lengths, kinds as digits, owners. */
static void put_pieces(const struct html *html)
{
    const struct cramfs_usage *usage = &html->usage;
    FILE *out = html->out;
    fputs("\"pieces\":{\"kind\":\"", out);
    for (size_t i = 0; i < usage->pieces_count; i++)
        fputc('0' + (int)usage->pieces[i].kind, out);
    fputs("\",\n\"length\":[", out);
    for (size_t i = 0; i < usage->pieces_count; i++)
        fprintf(out, "%s%" PRIu64, i ? "," : "", usage->pieces[i].length);
    fputs("],\n\"owner\":[", out);
    for (size_t i = 0; i < usage->pieces_count; i++)
        fprintf(out, "%s%" PRIu32, i ? "," : "", usage->pieces[i].owner);
    fputs("]},\n", out);
}

/* Touched and not direct: entry, offset, touches. */
static void put_missed(const struct html *html)
{
    put_key(html->out, "missed");
    for (size_t i = 0; i < html->xip.missed_count; i++) {
        const struct cramfs_xip_missed *missed = &html->xip.missed[i];
        fprintf(html->out, "%s[%" PRIu32 ",%" PRIu64 ",%" PRIu64 "]", i ? "," : "[", missed->entry,
                missed->offset, missed->touches);
    }
    fputs(html->xip.missed_count ? "],\n" : "[],\n", html->out);
}

int html_put_data(struct html *html)
{
    fputs("{\n", html->out);
    put_image(html);
    put_kind_names(html);
    put_reasons(html);
    put_entries(html);
    put_files(html);
    put_whole_reasons(html);
    put_mappings(html);
    put_pieces(html);
    put_missed(html);
    int error = html_put_diff_data(html);
    fputs("}\n", html->out);
    return error;
}
