#include <inttypes.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "cramfs/listing.h"
#include "report/json_path.h"
#include "report/list/entry_json.h"
#include "report/text.h"

struct statting {
    FILE *out;
    const struct cramfs_view *view;
    struct pages *pages;
    struct block_reader *reader;
    uint32_t *shown; /* by inode: 1 + the entry whose table has been shown; 0 for none */
};

static int open_stat(struct statting *statting)
{
    statting->pages = pages_count(statting->view);
    statting->reader = block_reader_create();
    statting->shown = calloc(statting->view->survey->entries.list_count, sizeof(*statting->shown));
    return statting->pages && statting->reader && statting->shown ? 0 : -CRAMFS_ERR_MEMORY;
}

static void close_stat(struct statting *statting)
{
    free(statting->pages);
    block_reader_free(statting->reader);
    free(statting->shown);
}

/* The entry that has shown this one's table, or CRAMFS_NO_ENTRY, and then this one does. */
static uint32_t shown_before(const struct statting *statting, uint32_t entry)
{
    uint32_t *shown = &statting->shown[statting->view->survey->inode[entry]];
    if (*shown)
        return *shown - 1;
    *shown = entry + 1;
    return CRAMFS_NO_ENTRY;
}

static const char *const fault_names[] = {
    [CRAMFS_BLOCK_SOUND] = NULL,
    [CRAMFS_BLOCK_TABLE_OUTSIDE] = "table-outside",
    [CRAMFS_BLOCK_PREFIX_OUTSIDE] = "prefix-outside",
    [CRAMFS_BLOCK_BACKWARDS] = "backwards",
    [CRAMFS_BLOCK_WRAPS] = "wraps",
    [CRAMFS_BLOCK_TOO_LONG] = "too-long",
    [CRAMFS_BLOCK_OUTSIDE] = "outside",
};

/* The word is that of the extents: a last page that read(2) loses is in place here, too. */
static const char *kind_of(const struct cramfs_table *table, uint32_t index,
                           const struct cramfs_block *block)
{
    struct cramfs_extent extent;
    if (block->fault)
        return cramfs_extent_kind_name(CRAMFS_EXTENT_FAULTY);
    if (!cramfs_block_extent(table, index, block, &extent))
        return cramfs_extent_kind_name(CRAMFS_EXTENT_HOLE);
    return cramfs_extent_kind_name(extent.kind);
}

static void print_block(FILE *out, const struct cramfs_table *table, uint32_t index)
{
    struct cramfs_block block;
    cramfs_block_locate(table, index, &block);
    fprintf(out, "%6" PRIu32 " 0x%08" PRIx32 " %-6s %-8s %10" PRIu64 " %10" PRIu64 " %7" PRIu32,
            index, block.pointer, block.direct ? "direct" : "plain", kind_of(table, index, &block),
            block.offset, block.length, block.file_bytes);
    if (block.fault)
        fprintf(out, " %s", fault_names[block.fault]);
    fputc('\n', out);
}

static void print_table(const struct statting *statting, uint32_t number)
{
    FILE *out = statting->out;
    const struct cramfs_view *view = statting->view;
    char path[TEXT_PATH_SIZE];
    uint32_t before = shown_before(statting, number);
    if (before != CRAMFS_NO_ENTRY) {
        fprintf(out, "table:    that of %s\n", text_entry_path(view->survey, before, path));
        return;
    }
    struct cramfs_table table =
        cramfs_image_table(view->image, &view->survey->entries.list[number].inode);
    uint32_t blocks = cramfs_block_count(table.size, table.page_size);
    fprintf(out, "%6s %-10s %-6s %-8s %10s %10s %7s\n", "block", "pointer", "form", "kind",
            "offset", "length", "holds");
    for (uint32_t i = 0; i < blocks; i++)
        print_block(out, &table, i);
}

static int print_entry(const struct statting *statting, uint32_t number)
{
    FILE *out = statting->out;
    const struct cramfs_view *view = statting->view;
    const struct cramfs_entry *entry = &view->survey->entries.list[number];
    const struct cramfs_inode *inode = &entry->inode;
    const struct pages *pages = &statting->pages[number];
    char text[TEXT_PATH_SIZE];
    char mode[11];
    fprintf(out, "path:     %s", text_entry_path(view->survey, number, text));
    int error = S_ISLNK(inode->mode) ? text_put_target(out, view, number, statting->reader) : 0;
    fprintf(out, "\ntype:     %s\n", text_type(inode->mode));
    fprintf(out, "mode:     %s (%04o)\n", text_mode(inode->mode, mode), inode->mode & 07777u);
    fprintf(out, "owner:    %u:%u\n", inode->uid, inode->gid);
    fprintf(out, "%s%s\n",
            text_is_device(inode->mode) ? "device:   " : "size:     ", text_size(inode, text));
    fprintf(out, "inode:    %" PRIu32 "\ndata:     %" PRIu32 "\n", entry->offset, inode->offset);
    if (pages->all)
        fprintf(out,
                "pages:    %" PRIu32 ": %" PRIu32 " in place, %" PRIu32 " deflated, %" PRIu32
                " stored, %" PRIu32 " holes, %" PRIu32 " faulty\n",
                pages->all, pages->in_place, pages->deflated, pages->stored, pages->holes,
                pages->faulty);
    if (cramfs_view_damaged(view, number))
        fputs("damaged:  yes\n", out);
    if (cramfs_survey_has_blocks(view->survey, number))
        print_table(statting, number);
    return error;
}

int cramfs_print_stat(FILE *out, const struct cramfs_view *view, const bool *chosen)
{
    struct statting statting = {.out = out, .view = view};
    int error = open_stat(&statting);
    bool first = true;
    for (uint32_t i = 0; !error && i < view->survey->entries.list_count; i++) {
        if (!chosen[i])
            continue;
        if (!first)
            fputc('\n', out);
        first = false;
        error = print_entry(&statting, i);
    }
    close_stat(&statting);
    return error ? error : ferror(out) ? -CRAMFS_ERR_IO : 0;
}

static struct json_object *block_object(const struct cramfs_table *table, uint32_t index,
                                        int *error)
{
    struct cramfs_block block;
    cramfs_block_locate(table, index, &block);
    struct json_object *object = json_object_new_object();
    json_add_int(object, "pointer", block.pointer, error);
    json_add_bool(object, "direct", block.direct, error);
    json_add_string(object, "kind", kind_of(table, index, &block), error);
    json_add_int(object, "offset", block.offset, error);
    json_add_int(object, "length", block.length, error);
    json_add_int(object, "holds", block.file_bytes, error);
    if (block.fault)
        json_add_string(object, "fault", fault_names[block.fault], error);
    return object;
}

/* A file's blocks are at most 4096, so the object with all of them is not large. */
static struct json_object *stat_object(const struct statting *statting, uint32_t number, int *error)
{
    const struct cramfs_view *view = statting->view;
    struct json_object *object =
        entry_object(view, number, &statting->pages[number], statting->reader, error);
    if (!cramfs_survey_has_blocks(view->survey, number))
        return object;
    uint32_t before = shown_before(statting, number);
    if (before != CRAMFS_NO_ENTRY) {
        char path[CRAMFS_PATH_SIZE];
        size_t length = cramfs_entry_path(&view->survey->entries, before, path, sizeof(path));
        *error |= json_add_bytes(object, "table_of", path, length);
        return object;
    }
    struct cramfs_table table =
        cramfs_image_table(view->image, &view->survey->entries.list[number].inode);
    struct json_object *blocks = json_object_new_array();
    for (uint32_t i = 0; i < cramfs_block_count(table.size, table.page_size); i++)
        json_append(blocks, block_object(&table, i, error), error);
    json_add(object, "blocks", blocks, error);
    return object;
}

int cramfs_print_stat_json(FILE *out, const struct cramfs_view *view, const bool *chosen)
{
    struct statting statting = {.view = view};
    struct json_stream stream;
    json_open(&stream, out);
    json_take_error(&stream, open_stat(&statting));
    json_member(&stream, "image", json_image(view->image, &stream.error));
    json_open_array(&stream, "entries");
    for (uint32_t i = 0; !stream.error && i < view->survey->entries.list_count; i++) {
        if (chosen[i])
            json_item(&stream, stat_object(&statting, i, &stream.error));
    }
    json_close_array(&stream);
    close_stat(&statting);
    return json_close(&stream);
}
