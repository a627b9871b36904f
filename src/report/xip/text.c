/*
 * The XIP report for people: the sums, then a line for each file.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/options.h"
#include "report/text.h"
#include "report/xip/order.h"
#include "report/xip/print.h"

enum {
    BAR_WIDTH = 20,
    DEFAULT_COLUMNS = 80,
    LEAST_PATH = 20, /* columns for a path, even if the terminal is too narrow for them */
};

/* The kinds of a file's pages, in the order of a bar. */
enum { DIRECT, LOST, NEVER, KINDS };

static const struct {
    char mark;
    const char *colour; /* as in the map of cramfs-dump */
} looks[KINDS] = {
    [DIRECT] = {'#', "32"},
    [LOST] = {'.', "33"},
    [NEVER] = {'-', "90"},
};

static void page_kinds(const struct cramfs_xip_file *file, uint64_t pages[KINDS])
{
    pages[DIRECT] = file->direct_pages;
    pages[LOST] = cramfs_xip_lost_pages(file);
    pages[NEVER] = file->whole.pages - file->possible_pages;
}

static void print_marks(const struct xip_printing *printing, unsigned kind, unsigned width)
{
    FILE *out = printing->out;
    if (width && printing->options.colours)
        fprintf(out, "\033[%sm", looks[kind].colour);
    for (unsigned i = 0; i < width; i++)
        putc(looks[kind].mark, out);
    if (width && printing->options.colours)
        fputs("\033[m", out);
}

/*
 * "########....--------": how much of the file is direct, could be, and never can be. Each kind
 * that the file has is shown, even for one page of a thousand: that page may be the fault.
 */
static void print_bar(const struct xip_printing *printing, const struct cramfs_xip_file *file)
{
    uint64_t pages[KINDS];
    unsigned widths[KINDS] = {0};
    unsigned sum = 0;
    unsigned widest = 0;
    page_kinds(file, pages);
    for (unsigned i = 0; i < KINDS; i++) {
        uint64_t width = pages[i] ? pages[i] * BAR_WIDTH / file->whole.pages : 0;
        widths[i] = pages[i] && !width ? 1 : (unsigned)width;
        sum += widths[i];
        widest = widths[i] > widths[widest] ? i : widest;
    }
    widths[widest] += BAR_WIDTH - sum; /* rounding is off by at most 2; widest is at least 6 */
    for (unsigned i = 0; i < KINDS; i++)
        print_marks(printing, i, widths[i]);
}

static bool continues_character(char byte)
{
    return ((unsigned char)byte & 0xc0) == 0x80;
}

/* Prints the end of a path that is wider than `columns`, if possible from a slash on. */
static void print_end(FILE *out, const char *path, size_t width, size_t columns)
{
    size_t drop = width - (columns - strlen("..."));
    const char *at = path;
    while (drop || continues_character(*at))
        drop -= !continues_character(*at++);
    const char *slash = strchr(at, '/');
    fprintf(out, "...%s\n", slash ? slash : at);
}

static void print_path(const struct xip_printing *printing, const char *path, int column, bool full)
{
    size_t width = 0;
    size_t columns = printing->options.columns;
    size_t left = columns > (size_t)column + LEAST_PATH ? columns - (size_t)column : LEAST_PATH;
    for (const char *at = path; *at; at++)
        width += !continues_character(*at);
    if (full || width <= left)
        fprintf(printing->out, "%s\n", path);
    else
        print_end(printing->out, path, width, left);
}

static bool shown_with_segments(const struct xip_printing *printing, uint32_t entry)
{
    const struct cramfs_xip_print_options *options = &printing->options;
    return options->chosen ? options->chosen[entry] : options->verbose;
}

static void print_file(const struct xip_printing *printing, const struct cramfs_xip_file *file)
{
    FILE *out = printing->out;
    char path[TEXT_PATH_SIZE];
    char flash[24] = "=";
    uint64_t pages[KINDS];
    bool segments = shown_with_segments(printing, file->entry);
    page_kinds(file, pages);
    int column = fprintf(out, "%6" PRIu64 " %4" PRIu64 " %5" PRIu64 " ", pages[DIRECT], pages[LOST],
                         pages[NEVER]);
    print_bar(printing, file);
    if (!xip_further_name(printing->survey, file->entry))
        snprintf(flash, sizeof(flash), "%" PRIu64, (file->flash_cost_bytes + 512) / 1024);
    column += BAR_WIDTH + fprintf(out, " %5s ", flash);
    if (printing->report->profiled)
        column += fprintf(out, "%4" PRIu64 " %6" PRIu64 " ", file->touched_direct_pages,
                          file->touched_pages - file->touched_direct_pages);
    print_path(printing, text_entry_path(printing->survey, file->entry, path), column, segments);
    if (segments)
        xip_print_details(printing, file);
}

static bool has_something_to_say(const struct cramfs_xip_file *file)
{
    return file->mappings_count || file->possible_pages || file->kind == CRAMFS_PROGRAM_COPIED;
}

static void print_columns(const struct xip_printing *printing)
{
    FILE *out = printing->out;
    bool profiled = printing->report->profiled;
    fputs("\nFiles, most lost pages first, then by path; flash in KiB\n", out);
    if (profiled)
        fputs("used: touched and direct; missed: touched and not direct\n", out);
    fputs("direct lost never #direct .lost -never flash ", out);
    fputs(profiled ? "used missed file\n" : "file\n", out);
}

static void print_silent(FILE *out, size_t silent, size_t further, bool detailed)
{
    if (further)
        fputs("(= marks another name of a file that is already counted)\n", out);
    if (silent)
        fprintf(out, "(%zu other files have no loadable segment and no page in place)\n", silent);
    if (!detailed)
        fputs("(give a path to see its segments; the guide has a remedy for each reason)\n", out);
}

static void print_files(const struct xip_printing *printing,
                        const struct cramfs_xip_file *const *files)
{
    const struct cramfs_xip_report *report = printing->report;
    size_t shown = 0;
    size_t silent = 0;
    size_t further = 0;
    for (size_t i = 0; i < report->files_count; i++) {
        const struct cramfs_xip_file *file = files[i];
        if (printing->options.chosen && !printing->options.chosen[file->entry])
            continue;
        if (!has_something_to_say(file)) {
            silent++;
            continue;
        }
        if (!shown++)
            print_columns(printing);
        further += xip_further_name(printing->survey, file->entry);
        print_file(printing, file);
    }
    if (!shown)
        putc('\n', printing->out);
    print_silent(printing->out, silent, further,
                 !shown || printing->options.chosen || printing->options.verbose);
}

int cramfs_xip_report_print(const struct cramfs_image *image, const struct cramfs_survey *survey,
                            const struct cramfs_xip_report *report,
                            const struct cramfs_xip_print_options *given, FILE *out)
{
    struct xip_printing printing = {.out = out, .image = image, .survey = survey, .report = report};
    options_copy(&printing.options, sizeof(printing.options), given);
    if (!printing.options.columns)
        printing.options.columns = DEFAULT_COLUMNS;
    const struct cramfs_xip_file **files = xip_by_loss(report);
    if (!files)
        return -CRAMFS_ERR_MEMORY;
    xip_print_sums(&printing);
    print_files(&printing, files);
    free(files);
    if (report->profiled && xip_print_profile(image, survey, report, out) != 0)
        return -CRAMFS_ERR_MEMORY;
    return ferror(out) ? -CRAMFS_ERR_IO : 0;
}
