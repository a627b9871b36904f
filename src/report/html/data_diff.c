/*
 * The data of a comparison for the script: the entries and the erase blocks that differ.
 */
#include <inttypes.h>

#include "cramfs/diag.h"
#include "report/html/html.h"
#include "report/html/put.h"
#include "report/text.h"

/* How many bytes are charged to a change's entry in one of the images. */
static uint64_t flash_of(const struct html *html, int side, const struct cramfs_change *change)
{
    uint32_t entry = change->entries[side];
    return entry == CRAMFS_NO_ENTRY ? 0 : html->causes.usages[side].charged[entry];
}

/* An entry of the new image as its number; of the old one as its path. */
static void put_place(const struct html *html, int side, uint32_t entry)
{
    if (side)
        fprintf(html->out, "%" PRIu32, entry);
    else
        put_path(html->out, PUT_SCRIPT, html->diff.views[0]->survey, entry);
}

/* The entry, what happened to it, flash, pages in place, what differs, pages moved. */
static void put_change(const struct html *html, const struct cramfs_change *change)
{
    FILE *out = html->out;
    bool removed = change->entries[1] == CRAMFS_NO_ENTRY;
    const char *happened = removed                                 ? "removed"
                           : change->entries[0] == CRAMFS_NO_ENTRY ? "added"
                                                                   : "changed";
    fputc('[', out);
    put_place(html, !removed, change->entries[!removed]);
    fprintf(out, ",\"%s\",%" PRIu64 ",%" PRIu64 ",%" PRIu32 ",%" PRIu32 ",%u,%" PRIu32 "]",
            happened, flash_of(html, 0, change), flash_of(html, 1, change), change->in_place[0],
            change->in_place[1], change->what, change->moved);
}

static void put_changes(const struct html *html)
{
    fputs("\"changes\":[", html->out);
    for (size_t i = 0; i < html->diff.changes_count; i++) {
        fputs(i ? ",\n" : "", html->out);
        put_change(html, &html->diff.changes[i]);
    }
    fputs("],\n", html->out);
}

static void put_change_names(const struct html *html)
{
    fputs("\"bits\":[", html->out);
    for (unsigned bit = 1; bit <= CRAMFS_CHANGED_MOVED; bit *= 2)
        fprintf(html->out, "%s\"%s\"", bit == 1 ? "" : ",",
                cramfs_change_name((enum cramfs_change_bit)bit));
    fputs("],\n", html->out);
}

/* A kind, and the entry if that says more. */
static void put_cause(const struct html *html, const struct cause *cause)
{
    fprintf(html->out, "[\"%s\"", cause_name(cause->kind));
    if (cause_has_path(cause)) {
        fputc(',', html->out);
        put_place(html, cause->side, cause->entry);
    }
    fputc(']', html->out);
}

static int put_block(struct html *html, const struct range *block)
{
    int error = causes_find(&html->causes, block);
    fprintf(html->out, "[%" PRIu64 ",%" PRIu64 ",[", block->begin, block->end - block->begin);
    for (size_t i = 0; !error && i < html->causes.list_count; i++) {
        fputs(i ? "," : "", html->out);
        put_cause(html, &html->causes.list[i]);
    }
    fputs("]]", html->out);
    return error;
}

/* Block by block: offset, length, causes. */
static int put_blocks(struct html *html)
{
    const struct cramfs_diff *diff = &html->diff;
    struct range block = {0};
    int error = 0;
    const char *between = "";
    fputs("\"blocks\":[", html->out);
    for (uint64_t i = 0; !error && i < diff->erase_blocks; i++) {
        block = (struct range){block.end, range_block_end(diff, block.end)};
        if (range_same(diff, block.begin, block.end))
            continue;
        fputs(between, html->out);
        between = ",\n";
        error = put_block(html, &block);
    }
    fputs("]}\n", html->out);
    return error;
}

int html_put_diff_data(struct html *html)
{
    fputs("\"diff\":", html->out);
    if (!html->options.old_view) {
        fputs("null\n", html->out);
        return 0;
    }
    fputs("{\n", html->out);
    put_change_names(html);
    put_changes(html);
    return put_blocks(html);
}
