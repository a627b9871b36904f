#include <inttypes.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "cramfs/listing.h"
#include "report/list/entry_json.h"
#include "report/list/marks.h"
#include "report/text.h"

struct listing {
    FILE *out;
    const struct cramfs_view *view;
    struct pages *pages; /* by entry */
    char *marks;         /* likewise; of the text */
    struct block_reader *reader;
    bool detailed;
};

static int open_listing(struct listing *listing)
{
    listing->pages = pages_count(listing->view);
    listing->reader = block_reader_create();
    return listing->pages && listing->reader ? 0 : -CRAMFS_ERR_MEMORY;
}

static void close_listing(struct listing *listing)
{
    free(listing->pages);
    free(listing->marks);
    block_reader_free(listing->reader);
}

static void print_details(const struct listing *listing, const struct cramfs_inode *inode,
                          const struct pages *pages)
{
    fprintf(listing->out,
            "%10" PRIu32 " %5" PRIu32 " %5" PRIu32 " %6" PRIu32 " %6" PRIu32 " %5" PRIu32 " ",
            inode->offset, pages->all, pages->in_place, pages->deflated, pages->stored,
            pages->holes);
}

static int print_entry(const struct listing *listing, uint32_t number)
{
    const struct cramfs_inode *inode = &listing->view->survey->entries.list[number].inode;
    const struct pages *pages = &listing->pages[number];
    char mode[11];
    char size[TEXT_SIZE_SIZE];
    char path[TEXT_PATH_SIZE];
    fprintf(listing->out, "%s %c %5u %5u %8s ", text_mode(inode->mode, mode),
            listing->marks[number], inode->uid, inode->gid, text_size(inode, size));
    if (listing->detailed)
        print_details(listing, inode, pages);
    fputs(text_entry_path(listing->view->survey, number, path), listing->out);
    int error = 0;
    if (S_ISLNK(inode->mode))
        error = text_put_target(listing->out, listing->view, number, listing->reader);
    fputc('\n', listing->out);
    return error;
}

int cramfs_print_list(FILE *out, const struct cramfs_view *view, const bool *listed, bool detailed)
{
    struct listing listing = {.out = out, .view = view, .detailed = detailed};
    int error = open_listing(&listing);
    if (!error) {
        listing.marks = marks_find(view, listing.pages, listed);
        error = listing.marks ? 0 : -CRAMFS_ERR_MEMORY;
    }
    if (!error && detailed)
        fprintf(out, "%-10s %s %5s %5s %8s %10s %5s %5s %6s %6s %5s %s\n", "mode", "X", "uid",
                "gid", "size", "data", "pages", "place", "deflat", "stored", "holes", "path");
    for (uint32_t i = 0; !error && i < view->survey->entries.list_count; i++) {
        if (listed[i])
            error = print_entry(&listing, i);
    }
    close_listing(&listing);
    return error ? error : ferror(out) ? -CRAMFS_ERR_IO : 0;
}

int cramfs_print_list_json(FILE *out, const struct cramfs_view *view, const bool *listed)
{
    struct listing listing = {.out = out, .view = view};
    struct json_stream stream;
    json_open(&stream, out);
    json_take_error(&stream, open_listing(&listing));
    json_member(&stream, "image", json_image(view->image, &stream.error));
    json_open_array(&stream, "entries");
    for (uint32_t i = 0; !stream.error && i < view->survey->entries.list_count; i++) {
        if (listed[i])
            json_item(&stream,
                      entry_object(view, i, &listing.pages[i], listing.reader, &stream.error));
    }
    json_close_array(&stream);
    close_listing(&listing);
    return json_close(&stream);
}
