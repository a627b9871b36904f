#include "cramfs/map.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/options.h"

enum {
    MOST_CELLS = 4096,
    OFFSET_COLUMNS = 11, /* before a row */
    LEAST_CELLS = 16,    /* in a row */
};

static const struct {
    char letter;
    const char *colour;
} looks[CRAMFS_USAGE_KINDS] = {
    [CRAMFS_USAGE_METADATA] = {'m', "34"}, [CRAMFS_USAGE_TABLES] = {'t', "36"},
    [CRAMFS_USAGE_DEFLATED] = {'z', "33"}, [CRAMFS_USAGE_STORED] = {'s', "35"},
    [CRAMFS_USAGE_IN_PLACE] = {'X', "32"}, [CRAMFS_USAGE_FAULTY] = {'!', "31"},
    [CRAMFS_USAGE_BOOT] = {'b', "37"},     [CRAMFS_USAGE_PADDING] = {'.', "90"},
};

struct mapping {
    FILE *out;
    const struct cramfs_map_options *options;
    uint64_t size;
    uint64_t cell_size; /* bytes of one character */
    uint64_t cells_count;
    uint8_t *cells;     /* by cell: its kind */
    uint64_t row_cells; /* in one row */
    bool seen[CRAMFS_USAGE_KINDS];
    int colour; /* the kind that is switched on; -1 for none */
};

/* The kind that most bytes of each cell have: one pass over the pieces, which cover the image. */
static void fill_cells(struct mapping *mapping, const struct cramfs_usage *usage)
{
    size_t piece = 0;
    for (uint64_t cell = 0; cell < mapping->cells_count; cell++) {
        uint64_t bytes[CRAMFS_USAGE_KINDS] = {0};
        uint64_t begin = cell * mapping->cell_size;
        uint64_t end = begin + mapping->cell_size;
        for (; piece < usage->pieces_count && usage->pieces[piece].offset < end; piece++) {
            const struct cramfs_piece *here = &usage->pieces[piece];
            uint64_t here_end = here->offset + here->length;
            uint64_t from = here->offset > begin ? here->offset : begin;
            bytes[here->kind] += (here_end < end ? here_end : end) - from;
            if (here_end > end)
                break; /* the next cell has more of it */
        }
        uint8_t most = 0;
        for (uint8_t kind = 1; kind < CRAMFS_USAGE_KINDS; kind++) {
            if (bytes[kind] > bytes[most])
                most = kind;
        }
        mapping->cells[cell] = most;
        mapping->seen[most] = true;
    }
}

static bool begins_erase_block(const struct mapping *mapping, uint64_t cell)
{
    /* A boundary inside a character is shown before the next one. */
    uint64_t size = mapping->options->erase_block;
    return size >= mapping->cell_size && cell * mapping->cell_size % size < mapping->cell_size;
}

/*
 * As many cells as have room with the marks between them: a multiple of 16, so that offsets are
 * round.
 */
static uint64_t fit_row(const struct mapping *mapping)
{
    uint64_t room = mapping->options->columns > OFFSET_COLUMNS + LEAST_CELLS
                        ? mapping->options->columns - OFFSET_COLUMNS
                        : LEAST_CELLS;
    uint64_t erase_block = mapping->options->erase_block;
    uint64_t cells = room;
    if (erase_block >= mapping->cell_size) {
        uint64_t each = erase_block / mapping->cell_size;
        cells = room * each / (each + 1);
    }
    cells = cells / LEAST_CELLS * LEAST_CELLS;
    return cells ? cells : LEAST_CELLS;
}

static void set_colour(struct mapping *mapping, int kind)
{
    if (!mapping->options->colours || mapping->colour == kind)
        return;
    mapping->colour = kind;
    fprintf(mapping->out, "\033[%sm", kind < 0 ? "0" : looks[kind].colour);
}

static void draw_rows(struct mapping *mapping)
{
    for (uint64_t cell = 0; cell < mapping->cells_count; cell++) {
        if (cell % mapping->row_cells == 0)
            fprintf(mapping->out, "%10" PRIu64 " ", cell * mapping->cell_size);
        if (begins_erase_block(mapping, cell)) {
            set_colour(mapping, -1);
            fputc('|', mapping->out);
        }
        set_colour(mapping, mapping->cells[cell]);
        fputc(looks[mapping->cells[cell]].letter, mapping->out);
        if ((cell + 1) % mapping->row_cells == 0 || cell + 1 == mapping->cells_count) {
            set_colour(mapping, -1);
            fputc('\n', mapping->out);
        }
    }
}

static void draw_legend(struct mapping *mapping, uint32_t page_size)
{
    const char *between = "\n";
    for (int kind = 0; kind < CRAMFS_USAGE_KINDS; kind++) {
        if (!mapping->seen[kind])
            continue;
        fputs(between, mapping->out);
        between = "  ";
        set_colour(mapping, kind);
        fputc(looks[kind].letter, mapping->out);
        set_colour(mapping, -1);
        fprintf(mapping->out, " %s", cramfs_usage_kind_name((enum cramfs_usage_kind)kind));
    }
    uint64_t pages = mapping->cell_size / page_size;
    fprintf(mapping->out,
            "\neach character is %" PRIu64 " %s, %" PRIu64
            " bytes: the kind of most of the bytes\n",
            pages, pages == 1 ? "page" : "pages", mapping->cell_size);
    uint64_t erase_block = mapping->options->erase_block;
    if (erase_block)
        fprintf(mapping->out, "%s an erase block of %" PRIu64 " bytes\n",
                erase_block >= mapping->cell_size ? "| begins" : "each character is larger than",
                erase_block);
}

int cramfs_print_map(FILE *out, const struct cramfs_view *view, const struct cramfs_usage *usage,
                     const struct cramfs_map_options *given)
{
    struct cramfs_map_options options;
    options_copy(&options, sizeof(options), given);
    struct mapping mapping = {.out = out,
                              .options = &options,
                              .size = view->image->reader.size,
                              .cell_size = view->image->page_size,
                              .colour = -1};
    while (mapping.size > mapping.cell_size * MOST_CELLS)
        mapping.cell_size *= 2;
    mapping.cells_count = (mapping.size + mapping.cell_size - 1) / mapping.cell_size;
    mapping.row_cells = fit_row(&mapping);
    mapping.cells = array_create(mapping.cells_count + 1, sizeof(*mapping.cells));
    if (!mapping.cells)
        return -CRAMFS_ERR_MEMORY;
    fill_cells(&mapping, usage);
    draw_rows(&mapping);
    draw_legend(&mapping, view->image->page_size);
    free(mapping.cells);
    return ferror(out) ? -CRAMFS_ERR_IO : 0;
}
